"""The only door to NVML: loads NVIDIA's Python binding late and turns its errors into faults."""

import threading
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind

# NVML's return codes (nvml.h, nvmlReturn_t) by what they mean here; all others are UNKNOWN.
# A library that says it was never initialised lost its driver: it was, when the door opened.
_KINDS = {
    "NVML_ERROR_UNINITIALIZED": MeterFaultKind.DRIVER_NOT_LOADED,
    "NVML_ERROR_NOT_SUPPORTED": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_FUNCTION_NOT_FOUND": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_ARGUMENT_VERSION_MISMATCH": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_DEPRECATED": MeterFaultKind.NOT_SUPPORTED,
    "NVML_ERROR_NO_PERMISSION": MeterFaultKind.NO_PERMISSION,
    "NVML_ERROR_OPERATING_SYSTEM": MeterFaultKind.NO_PERMISSION,
    "NVML_ERROR_DRIVER_NOT_LOADED": MeterFaultKind.DRIVER_NOT_LOADED,
    "NVML_ERROR_LIBRARY_NOT_FOUND": MeterFaultKind.LIBRARY_MISSING,
    "NVML_ERROR_LIB_RM_VERSION_MISMATCH": MeterFaultKind.LIBRARY_MISMATCH,
    "NVML_ERROR_TIMEOUT": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_NOT_READY": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_IN_USE": MeterFaultKind.TIMEOUT,
    "NVML_ERROR_NOT_FOUND": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_GPU_NOT_FOUND": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_GPU_IS_LOST": MeterFaultKind.GPU_LOST,
    "NVML_ERROR_RESET_REQUIRED": MeterFaultKind.RESET_REQUIRED,
}
_BINDING = "nvidia-ml-py"
# An end takes some milliseconds.
_PATIENCE_S = 1.0


class NvmlDoor:
    """NVIDIA's binding with the library initialised; every error leaves as a MeterFault.

    May be used from several threads, as NVML itself may; `reopen` is its user's to keep apart.
    """

    def __init__(self) -> None:
        """Load and initialise; raise MeterFault.

        LIBRARY_MISSING is raised only where there is no library to load: one that loads and then
        fails is another kind.
        """
        self.constants = _binding()
        self._error: type[Exception] = self.constants.NVMLError
        self._kinds = {
            code: kind
            for name, kind in _KINDS.items()
            if (code := getattr(self.constants, name, None)) is not None
        }
        self.ask("nvmlInit")

    def ask(self, function: str, *arguments: object, device: str = "NVML") -> Any:  # noqa: ANN401
        """Return what `function` of the binding returns; raise MeterFault naming `device`."""
        try:
            return getattr(self.constants, function)(*arguments)
        except self._error as error:
            # Not str(error): for codes it does not know the binding asks the library, which may
            # fail.
            code: int = error.value  # type: ignore[attr-defined]
            raise self.fault(code, function, device) from error

    def function(self, name: str, device: str) -> Callable[..., int]:
        """Return a function of the library itself, to be called into memory that the caller keeps.

        The binding takes new memory at each call, and two calls where one would do. Raises
        MeterFault where the driver does not have it.
        """
        try:
            found: Callable[..., int] = getattr(self.constants.nvmlLib, name)
        except AttributeError as error:
            code = self.constants.NVML_ERROR_FUNCTION_NOT_FOUND
            raise self.fault(code, name, device) from error
        return found

    def fault(self, code: int, function: str, device: str) -> MeterFault:
        """Return what the return code of `function` means for `device`."""
        kind = self._kinds.get(code, MeterFaultKind.UNKNOWN)
        return MeterFault(kind, device, f"{function}: {self._name(code)}")

    def reopen(self) -> None:
        """Shut NVML down and start it again, as a reloaded driver asks for; raise MeterFault.

        All handles are void after it, whether it raised or not.
        """
        self._shut_down()
        self.ask("nvmlInit")

    def close(self) -> None:
        """Shut NVML down; where a call hangs in the driver, quitting does not wait for its end."""
        ending = threading.Thread(target=self._shut_down, name="end of NVML", daemon=True)
        ending.start()
        ending.join(_PATIENCE_S)

    def _shut_down(self) -> None:
        """End NVML; one that is gone already needs no ending."""
        with suppress(self._error):
            self.constants.nvmlShutdown()

    def _name(self, code: int) -> str:
        for name in dir(self.constants):
            if name.startswith("NVML_ERROR_") and getattr(self.constants, name) == code:
                return name
        return f"NVML error {code}"


def _binding() -> ModuleType:
    """Return the module pynvml as NVIDIA ships it; raise MeterFault for a namesake or none."""
    try:
        import pynvml
    except ImportError as error:
        raise MeterFault(MeterFaultKind.LIBRARY_MISSING, detail=_BINDING) from error
    module: ModuleType = pynvml
    # NVIDIA's is a single module; the namesakes are packages, or too old to know newer GPUs.
    if hasattr(module, "__path__") or not hasattr(module, "nvmlDeviceGetArchitecture"):
        raise MeterFault(MeterFaultKind.WRONG_PACKAGE, detail=str(module.__file__))
    return module
