"""What can go wrong outside our own code, as one small tree.

Fault                    something outside is not as it should be; has a sentence, is never a bug
    MeterFault           a device or its library
    SourceFault          a server, a script, a provider
    StoreFault           the database, its folder, its disk
    InputFault           what the user asked for: exit status 2
"""

from dataclasses import dataclass
from enum import StrEnum


class Fault(Exception):
    """A known fault: `code` names its sentence in texts, `arguments` fill it."""

    def __init__(self, code: str, **arguments: str | float) -> None:
        super().__init__(code, arguments)
        self.code = code
        self.arguments = arguments

    def __str__(self) -> str:
        """Return the code and its arguments, for logs."""
        listed = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.code}({listed})"


class MeterFaultKind(StrEnum):
    """The ways in which a meter fails; each is also the end of its sentence's code."""

    LIBRARY_MISSING = "library_missing"
    LIBRARY_MISMATCH = "library_mismatch"
    DRIVER_NOT_LOADED = "driver_not_loaded"
    WRONG_PACKAGE = "wrong_package"
    NO_PERMISSION = "no_permission"
    NOT_SUPPORTED = "not_supported"
    GPU_LOST = "gpu_lost"
    RESET_REQUIRED = "reset_required"
    TIMEOUT = "timeout"
    NO_DEVICE = "no_device"
    IMPLAUSIBLE = "implausible"
    BAD_TRACE = "bad_trace"
    UNKNOWN = "unknown"


class MeterFault(Fault):
    """A device or its library answered with an error; `kind` decides what happens next."""

    def __init__(
        self, kind: MeterFaultKind, device: str = "", detail: str = "", **more: str | float
    ) -> None:
        super().__init__(f"fault.meter.{kind.value}", device=device, detail=detail, **more)
        self.kind = kind


class SourceFault(Fault):
    """A server, a script or a provider cannot be watched as asked."""


class StoreFaultKind(StrEnum):
    """The ways in which the store fails; each is also the end of its sentence's code."""

    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    NEWER_SCHEMA = "newer_schema"
    IO = "io"
    MISSING = "missing"
    NOT_A_STORE = "not_a_store"
    VANISHED = "vanished"
    NO_ROOM = "no_room"
    NO_FOLDER = "no_folder"


class StoreFault(Fault):
    """The database, its folder or its disk refuses; what was recorded stays."""

    def __init__(self, kind: StoreFaultKind, path: str = "", detail: str = "") -> None:
        super().__init__(f"fault.store.{kind.value}", path=path, detail=detail)
        self.kind = kind


class InputFault(Fault):
    """The call is wrong: one sentence that says what to do, exit status 2."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A fault or a hint on its way to the user's eyes."""

    code: str
    arguments: tuple[tuple[str, str | float], ...] = ()
    t_utc_ns: int = 0
    severity: str = "warning"

    @classmethod
    def of(cls, fault: Fault, t_utc_ns: int = 0, severity: str = "warning") -> "Notice":
        """Return `fault` as a fact."""
        return cls(fault.code, tuple(sorted(fault.arguments.items())), t_utc_ns, severity)
