"""The clock of the contract, under the name that the tests use."""

from vidgreen_gui.contract.clock import ManualClock

__all__ = ["ManualClock"]
