"""Places the devices above each other in one view: a lane each, all repainted as one."""

from dataclasses import dataclass

from vidgreen_gui.gui.charts.columns import Floats
from vidgreen_gui.gui.charts.scale import Scale, scale_for
from vidgreen_gui.model.facts import DeviceNow, LiveSnapshot
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.units import w_from_mw

# Where lanes stand above each other, a roomy one keeps its top free for names and numbers.
_SHARED_SHARE, _ROOMY_SHARE = 0.86, 0.68
_ROOMY_PX = 48
_ROOMY_WHOLE = 0.94
_STEP_PX = 40
_MOST_STEPS = 5
_IDLE_CEILING_W = 50.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One device: its axis in watts from `floor` up, `height` for the scale.

    `whole` is the height with the room above the scale, in which names and numbers stand.
    """

    device_id: str
    name: str
    scale: Scale
    floor: float = 0.0
    height: float = 1.0
    whole: float = 1.0
    limit_w: float | None = None
    counted: bool = True
    grade: Grade = Grade.MEASURED

    @property
    def simulated(self) -> bool:
        """Whether its watts are invented."""
        return self.grade is Grade.SIMULATED

    def y(self, watts: float) -> float:
        """Return the height of `watts` in the view."""
        return self.floor + watts / self.scale.top * self.height

    def heights(self, power_mw: Floats) -> Floats:
        """Return the heights of many powers at once."""
        return self.floor + power_mw * (self.height / self.scale.top / 1000)


EMPTY_LANE = Lane("", "", Scale(_IDLE_CEILING_W * 2, _IDLE_CEILING_W))


def lanes_of(
    snapshot: LiveSnapshot, highest_w: dict[str, float], height_px: float
) -> tuple[Lane, ...]:
    """Return a lane per graphics card, the first on top.

    `highest_w` is the highest power seen of each device. With a power limit the scale holds it
    from the first moment and does not change; without, it grows in round steps.
    """
    devices = snapshot.gpus
    lane_px = height_px / max(1, len(devices))
    steps, height = 1, _ROOMY_SHARE if lane_px >= _ROOMY_PX else _SHARED_SHARE
    if len(devices) == 1:
        steps, height = min(_MOST_STEPS, max(1, int(height_px / _STEP_PX))), 1.0
    return tuple(
        _lane(
            now,
            highest_w.get(now.device.id, 0.0),
            steps,
            floor=float(len(devices) - 1 - place),
            height=height,
        )
        for place, now in enumerate(devices)
    )


def _lane(now: DeviceNow, highest_w: float, steps: int, *, floor: float, height: float) -> Lane:
    limit_mw = now.power_limit_mw or now.device.power_limit_mw
    limit_w = None if limit_mw is None else w_from_mw(limit_mw)
    # A little air, so that neither the curve nor the limit lies on the upper edge.
    top_w = 1.02 * max(highest_w, limit_w or 0.0, _IDLE_CEILING_W / 1.02)
    return Lane(
        device_id=now.device.id,
        name=now.device.name,
        scale=scale_for(top_w, steps),
        floor=floor,
        height=height,
        whole=1.0 if height in {1.0, _SHARED_SHARE} else _ROOMY_WHOLE,
        limit_w=limit_w,
        counted=now.counted,
        grade=now.device.grade,
    )
