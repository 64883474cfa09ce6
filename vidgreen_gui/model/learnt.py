"""What was learnt from measuring and is worth keeping beyond a session."""

from dataclasses import dataclass

from vidgreen_gui.model.footprint import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleLevel:
    """The power of a device in one resting state, in mW, from `seconds` of samples."""

    power_mw: Range
    seconds: float
    learnt_utc_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleLevels:
    """How much a device draws while no job runs; None where that was never seen.

    `untouched`: before anything ran on it since the start; `bare`: nobody holds a context;
    `context`: a process of a source holds one.
    """

    device_id: str
    untouched: IdleLevel | None = None
    bare: IdleLevel | None = None
    context: IdleLevel | None = None

    @property
    def subject(self) -> str:
        """Return what it is about: the newest of a kind about a subject replaces the older."""
        return self.device_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FreedDrop:
    """What freeing the models saved on a device, measured 60 s after, and what loading cost.

    `reload_j` is the energy of loading them again and `reload_s` its time, None until they were.
    """

    device_id: str
    drop_mw: Range
    measured_utc_ns: int
    reload_j: Range | None = None
    reload_s: float | None = None

    @property
    def subject(self) -> str:
        """Return the device it is about."""
        return self.device_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WallCalibration:
    """How the modelled power at the socket compared with a plug meter's, over `seconds`.

    `factor` is plug over model, at 95 %. `made_with` is what the user had said of the machine, ""
    for nothing: of a model with other inputs the factor says nothing.
    """

    plug_id: str
    plug_name: str
    factor: Range
    seconds: float
    measured_utc_ns: int
    made_with: str = ""

    @property
    def subject(self) -> str:
        """Return the plug it is about."""
        return self.plug_id


Learnt = IdleLevels | FreedDrop | WallCalibration
