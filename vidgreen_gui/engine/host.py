"""The rest of the machine beside its GPUs: which devices that is, and when jobs use it."""

from collections.abc import Iterable, Sequence

from vidgreen_gui.accounting.share import Window
from vidgreen_gui.engine.accounts import windows_on
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.session import Iteration, Where


def is_gpu(device: Device) -> bool:
    """Return whether a device is in `energy_wh`."""
    return device.kind is DeviceKind.GPU


def beside_gpus(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Return the devices that stand beside the GPUs: processor, machine, meters at the socket."""
    return tuple(device for device in devices if not is_gpu(device))


def host_windows(iterations: Iterable[Iteration], now_ns: int) -> list[Window]:
    """Return when each iteration used this machine; one still running does so until now.

    One that ran on none of its GPUs was computed elsewhere: in somebody's cloud, or by a server
    on another computer.
    """
    return [
        Window(
            i.id,
            i.start_ns,
            now_ns if i.end_ns is None else i.end_ns,
            i.parent_id,
            i.clock_bound_ns,
        )
        for i in iterations
        if i.device_ids and i.where is not Where.CLOUD and i.start_ns is not None
    ]


def windows_of(device: Device, iterations: Sequence[Iteration], now_ns: int) -> list[Window]:
    """Return when each iteration ran on a device, or used the machine where it is no GPU."""
    if is_gpu(device):
        return windows_on(device.id, iterations, now_ns)
    return host_windows(iterations, now_ns)
