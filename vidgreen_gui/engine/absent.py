"""A meter for a machine whose own cannot work: no device, no watt, nothing invented."""

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Device, Reading, Wants


class AbsentMeter:
    """Stands where a meter failed at the start, so that iterations are still recorded."""

    name = "none"

    def open(self) -> tuple[Device, ...]:
        """Return no device."""
        return ()

    def read(self, device_id: str, wants: Wants) -> Reading:  # noqa: ARG002
        """Raise MeterFault: there is nothing to read."""
        raise MeterFault(MeterFaultKind.NO_DEVICE, device_id)

    def close(self) -> None:
        """Do nothing."""
