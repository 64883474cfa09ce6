"""Several meters as one: each device is read by the meter that found it."""

from collections.abc import Sequence

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import (
    FindsDevices,
    FollowsLoad,
    Meter,
    ReadsTogether,
    TogetherReader,
)
from vidgreen_gui.model.power import Device, DeviceKind, Reading, Wants
from vidgreen_gui.model.session import PhaseName


class SeveralMeters:
    """Presents its parts as one meter; a part that fails leaves the others working.

    `skipped` holds why parts, or single devices of theirs, cannot be read. `why` is the sentence
    code of the part that senses nothing, None where all do.
    """

    name = "several"

    def __init__(self, parts: Sequence[Meter], skipped: Sequence[MeterFault] = ()) -> None:
        """Take meters that are not open yet, and the faults of those that could not be made."""
        self.skipped: tuple[MeterFault, ...] = tuple(skipped)
        self.why: str | None = next((why for part in parts if (why := _why(part))), None)
        self._parts = tuple(parts)
        self._unmade = self.skipped
        self._owners: dict[str, Meter] = {}

    def open(self) -> tuple[Device, ...]:
        """Return the devices of all parts; raise the first MeterFault where no GPU is left.

        The rest of the machine alone says nothing of a generation: without a GPU its figures
        would look like an answer.
        """
        devices: list[Device] = []
        skipped = list(self._unmade)
        for part in self._parts:
            try:
                devices += self._own(part, part.open())
            except MeterFault as fault:
                skipped += getattr(part, "skipped", ()) or (fault,)
            else:
                skipped += getattr(part, "skipped", ())
        self.skipped = tuple(skipped)
        if skipped and not any(device.kind is DeviceKind.GPU for device in devices):
            raise skipped[0]
        return tuple(devices)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return the reading of the part that owns the device; raise MeterFault as it does."""
        owner = self._owners.get(device_id)
        if owner is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        return owner.read(device_id, wants)

    def together(self, device_ids: Sequence[str]) -> TogetherReader | None:
        """Return what reads these devices in one go: a part that owns them all and can."""
        owner, *others = {self._owners.get(device_id) for device_id in device_ids}
        if others or not isinstance(owner, ReadsTogether):
            return None
        return owner.together(device_ids)

    def found(self) -> tuple[Device, ...]:
        """Return the devices that came to any part since the last call."""
        came: list[Device] = []
        for part in self._parts:
            if isinstance(part, FindsDevices):
                came += self._own(part, part.found())
        return tuple(came)

    def close(self) -> None:
        """Close every part."""
        for part in self._parts:
            part.close()

    def _own(self, part: Meter, devices: Sequence[Device]) -> Sequence[Device]:
        for device in devices:
            self._owners[device.id] = part
        return devices


class LedMeters(SeveralMeters):
    """Several meters of which at least one has to be told what the machine is busy with."""

    def __init__(self, parts: Sequence[Meter], skipped: Sequence[MeterFault] = ()) -> None:
        """Take the parts as SeveralMeters does."""
        super().__init__(parts, skipped)
        self._led: dict[str, FollowsLoad] = {}

    def set_load(self, device_id: str, phase: PhaseName | None) -> None:
        """Tell the part that owns the device; one that senses is left alone."""
        led = self._led.get(device_id)
        if led is not None:
            led.set_load(device_id, phase)

    def _own(self, part: Meter, devices: Sequence[Device]) -> Sequence[Device]:
        if isinstance(part, FollowsLoad):
            self._led.update((device.id, part) for device in devices)
        return super()._own(part, devices)


def together(parts: Sequence[Meter], skipped: Sequence[MeterFault] = ()) -> Meter:
    """Return `parts` as one meter: itself where there is one alone and nothing was skipped.

    What comes back follows the load only if a part does.
    """
    if len(parts) == 1 and not skipped:
        return parts[0]
    if any(isinstance(part, FollowsLoad) for part in parts):
        return LedMeters(parts, skipped)
    return SeveralMeters(parts, skipped)


def _why(part: Meter) -> str | None:
    why: str | None = getattr(part, "why", None)
    return why
