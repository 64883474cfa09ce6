"""What the user's settings and a calibration say of the computer, as a session's log keeps it."""

from collections.abc import Iterable

from vidgreen_gui.accounting.psu import CLASSES
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Scope
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.system.settings import UserSettings


def described_machine(
    settings: UserSettings, calibrations: Iterable[WallCalibration]
) -> MachineDescribed | None:
    """Return what is said of the computer; None where nothing is.

    The newest calibration goes with it if it was made with the same said of the computer.
    Raise InputFault for a scope, a class or a rating of a power supply that there is not.
    """
    if settings.scope not in set(Scope):
        raise InputFault("fault.machine.scope", scope=settings.scope, known=", ".join(Scope))
    if settings.psu and settings.psu not in CLASSES:
        raise InputFault("fault.machine.psu", psu=settings.psu, known=", ".join(CLASSES))
    if settings.psu_w is not None and not 0.0 < settings.psu_w <= 10_000.0:
        raise InputFault("fault.machine.psu_w", watts=settings.psu_w)
    said = model_inputs(settings)
    usable = (one for one in calibrations if one.made_with == said)
    newest = max(usable, key=lambda one: one.measured_utc_ns, default=None)
    described = MachineDescribed(
        t_ns=0,
        scope=Scope(settings.scope),
        psu=settings.psu,
        psu_w=settings.psu_w,
        calibration=newest,
    )
    return None if described == MachineDescribed(t_ns=0) else described


def model_inputs(settings: UserSettings) -> str:
    """Return what the user says that the modelled power at the socket goes by, "" for nothing."""
    given = {
        "psu": settings.psu or None,
        "psu_w": settings.psu_w,
        "cpu_tdp_w": settings.cpu_tdp_w,
        "dimms": settings.dimms,
        "board_w": settings.board_w,
    }
    return " ".join(f"{name}={value}" for name, value in given.items() if value is not None)
