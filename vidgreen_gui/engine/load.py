"""Tells a meter that senses nothing what the machine is busy with."""

from collections.abc import Iterable, Sequence

from vidgreen_gui.model.ports import FollowsLoad, Meter
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Iteration, PhaseName


def lead(meter: Meter, devices: Iterable[Device], running: Sequence[Iteration]) -> None:
    """Let each device draw what the newest phase on it draws; a meter that senses is left alone."""
    if not isinstance(meter, FollowsLoad):
        return
    for device in devices:
        busy = [i for i in running if device.id in i.device_ids]
        phases = [i.phases[-1].name for i in busy if i.phases]
        first = PhaseName.LOAD if busy else None
        meter.set_load(device.id, phases[-1] if phases else first)
