"""Frozen types, units, events, faults and ports; the standard library only."""
