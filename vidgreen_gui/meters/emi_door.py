"""The only door to Windows' energy meters: finds and opens them by ctypes. Untried on Windows.

Constants and calls are those of emi.h, cfgmgr32.h and fileapi.h. Loads nothing elsewhere.
"""

import ctypes
import sys
import uuid
from typing import Any

# GUID_DEVICE_ENERGY_METER
_ENERGY_METER = uuid.UUID("45bd8344-7ed6-49cf-a440-c276c933b053")
# CM_GET_DEVICE_INTERFACE_LIST_PRESENT
_PRESENT = 0
_GENERIC_READ = 0x80000000
_SHARE_READ_WRITE = 3
_OPEN_EXISTING = 3
_INVALID_HANDLE = ctypes.c_void_p(-1).value


class EnergyMeterDevice:
    """One open device; every call's failure is an OSError with Windows' own words."""

    def __init__(self, path: str) -> None:
        """Open the device at an interface path; raise OSError."""
        self.path = path
        self._kernel: Any = _library("kernel32")
        self._kernel.CreateFileW.restype = ctypes.c_void_p
        self._handle = self._kernel.CreateFileW(
            ctypes.c_wchar_p(path), _GENERIC_READ, _SHARE_READ_WRITE, None, _OPEN_EXISTING, 0, None
        )
        if self._handle == _INVALID_HANDLE:
            raise _error(path)

    def ask(self, code: int, size: int) -> bytes:
        """Return at most `size` bytes that the device answers to a control code; raise OSError."""
        answer = ctypes.create_string_buffer(size)
        length = ctypes.c_uint32()
        done = self._kernel.DeviceIoControl(
            ctypes.c_void_p(self._handle), code, None, 0, answer, size, ctypes.byref(length), None
        )
        if not done:
            raise _error(self.path)
        return answer.raw[: length.value]

    def close(self) -> None:
        """Give the handle back."""
        self._kernel.CloseHandle(ctypes.c_void_p(self._handle))


def energy_meter_paths() -> tuple[str, ...]:
    """Return the interface paths of the energy meters that are present; raise OSError."""
    manager = _library("cfgmgr32")
    guid = ctypes.create_string_buffer(_ENERGY_METER.bytes_le, 16)
    length = ctypes.c_uint32()
    code = manager.CM_Get_Device_Interface_List_SizeW(ctypes.byref(length), guid, None, _PRESENT)
    if code == 0 and length.value:
        listed = ctypes.create_unicode_buffer(length.value)
        code = manager.CM_Get_Device_Interface_ListW(guid, None, listed, length, _PRESENT)
        if code == 0:
            paths = ctypes.wstring_at(listed, length.value).split("\0")
            return tuple(path for path in paths if path)
    if code:
        raise OSError(f"CONFIGRET {code}")
    return ()


def _library(name: str) -> Any:  # noqa: ANN401
    if sys.platform != "win32":
        raise OSError(f"{name}: {sys.platform}")
    return ctypes.WinDLL(name, use_last_error=True)


def _error(path: str) -> OSError:
    if sys.platform != "win32":
        return OSError(path)
    return ctypes.WinError(ctypes.get_last_error())
