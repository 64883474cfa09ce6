"""Five machines as the Sensors page meets them: what their meters say of their devices."""

from dataclasses import replace

from support.facts import RTX_4090, SIMULATED_4090, START_UTC_NS, snapshot

from vidgreen_gui.model.events import DeviceUser
from vidgreen_gui.model.facts import DeviceNow, LiveSnapshot
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.learnt import IdleLevel, IdleLevels
from vidgreen_gui.model.power import Device, DeviceKind, PowerSemantics, Sensor, Stated

_GB = 1_000_000_000


def level(watts: float, seconds: float = 120.0) -> IdleLevel:
    """Return a resting level, give or take a watt."""
    power_mw = Range(watts * 1000, (watts - 1) * 1000, (watts + 1) * 1000)
    return IdleLevel(power_mw=power_mw, seconds=seconds, learnt_utc_ns=START_UTC_NS)


ADA = replace(
    RTX_4090,
    architecture="Ada",
    sensor=Sensor(
        update_ns=100_000_000, counter_update_ns=100_000_000, gain=0.05,
        source="NVIDIA NVML reference, 2025",
    ),
    reads=(
        ("power", "nvmlDeviceGetFieldValues (POWER_INSTANT)"),
        ("energy", "nvmlDeviceGetTotalEnergyConsumption"),
        ("processes", "nvmlDeviceGetProcessUtilization"),
    ),
    sees_processes=True,
)  # fmt: skip
AMPERE = replace(
    ADA,
    id="GPU-3090",
    name="NVIDIA GeForce RTX 3090",
    architecture="Ampere",
    sensor=Sensor(update_ns=100_000_000, window_ns=1_000_000_000, source="arXiv 2312.02741"),
    power_semantics=PowerSemantics.AVERAGE_1S,
    power_limit_mw=350_000,
)
PASCAL = replace(
    RTX_4090,
    id="GPU-1080",
    name="NVIDIA GeForce GTX 1080 Ti",
    architecture="Pascal",
    has_counter=False,
    power_semantics=PowerSemantics.UNKNOWN,
    sensor=Sensor(update_ns=20_000_000, gain=0.05),
    power_limit_mw=250_000,
    reads=(("power", "nvmlDeviceGetPowerUsage"),),
    missing=("sensors.nvml.missing.counter_old", "sensors.nvml.missing.processes_wddm"),
    sees_processes=False,
)
RADEON = Device(
    id="hwmon:0000:03:00.0",
    name="AMD Radeon RX 7900 XTX",
    uuid="0000:03:00.0",
    meter="hwmon",
    grade=Grade.MEASURED,
    has_counter=False,
    power_semantics=PowerSemantics.UNKNOWN,
    power_limit_mw=327_000,
    driver="amdgpu",
    sensor=Sensor(),
    reads=(("power", "/sys/class/drm/card0/device/hwmon/hwmon4/power1_average"),),
    missing=("sensors_host.no_processes",),
    sees_processes=False,
)
PACKAGE = Device(
    id="powercap:package-0",
    name="AMD Ryzen 9 7950X",
    uuid="package-0",
    meter="powercap",
    grade=Grade.MEASURED,
    has_counter=True,
    power_semantics=PowerSemantics.SINCE_LAST,
    kind=DeviceKind.CPU,
    sensor=Sensor(update_ns=1_000_000, counter_update_ns=1_000_000),
    sampling_ns=1_000_000_000,
    reads=(("energy", "/sys/class/powercap/intel-rapl:0/energy_uj"),),
    missing=("sensors_host.no_memory_counter",),
)
REST = Device(
    id="machine",
    name="Rest of the machine",
    uuid="machine",
    meter="machine",
    grade=Grade.MODEL,
    has_counter=False,
    kind=DeviceKind.MACHINE,
    sensor=Sensor(gain=0.30, source="Teads 2021, Boavizta, CodeCarbon"),
    sampling_ns=1_000_000_000,
    model=(
        Stated("sensors_host.model.memory", (("dimms", 4.0), ("dimm_w", 5.0))),
        Stated("sensors_host.model.board_guessed", (("board_w", 40.0),)),
    ),
)
UNREAD = replace(
    REST,
    missing=("sensors_host.rapl_refused",),
    model=(
        Stated("sensors_host.model.cpu_guessed", (("tdp_w", 105.0), ("cores", 16.0))),
        *REST.model,
    ),
)
PLUG = Device(
    id="plug:a8032ab12345",
    name="Shelly Plus Plug S",
    uuid="a8032ab12345",
    meter="plug",
    grade=Grade.MEASURED,
    has_counter=True,
    power_semantics=PowerSemantics.UNKNOWN,
    kind=DeviceKind.WALL,
    sensor=Sensor(update_ns=1_000_000_000, counter_update_ns=60_000_000_000, gain=0.02),
    sampling_ns=1_000_000_000,
    is_slow=True,
    reads=(("power", "Switch.GetStatus"),),
)
USERS = (
    DeviceUser(4242, "python3", "comfyui:8188", utilisation_pct=82, memory_bytes=14 * _GB),
    DeviceUser(5151, "game.exe", "", utilisation_pct=18, memory_bytes=3 * _GB),
)
_SINCE = {"since_utc_ns": START_UTC_NS, "samples_per_s": 10.0}


def _nvml_full() -> LiveSnapshot:
    idle = IdleLevels(
        device_id=ADA.id, untouched=level(12), bare=level(15), context=level(24)
    )  # fmt: skip
    return snapshot(
        None,
        devices=(
            DeviceNow(device=ADA, power_mw=402_000, counted=True, users=USERS, idle=idle, **_SINCE),
            DeviceNow(device=AMPERE, power_mw=21_000, counted=False, users=(), gap_s=3.4, **_SINCE),
        ),
    )


def _no_counter() -> LiveSnapshot:
    return snapshot(
        None,
        devices=(
            DeviceNow(device=PASCAL, power_mw=187_000, counted=True, **_SINCE),
            DeviceNow(device=UNREAD, power_mw=96_000, counted=False, **_SINCE),
        ),
    )


_OWN = Notice("idle.own.learnt", (("watts", 6),), severity="info")


def _amd() -> LiveSnapshot:
    each_second = {"since_utc_ns": START_UTC_NS, "samples_per_s": 1.0}
    return snapshot(
        None,
        devices=(
            DeviceNow(device=RADEON, power_mw=301_000, counted=True, **_SINCE),
            DeviceNow(device=PACKAGE, power_mw=61_300, counted=False, **each_second),
            DeviceNow(device=REST, power_mw=45_000, counted=False, **each_second),
            DeviceNow(device=PLUG, power_mw=470_000, counted=False, **each_second),
        ),
        self_how=_OWN,
    )


def _simulated() -> LiveSnapshot:
    now = DeviceNow(device=SIMULATED_4090, power_mw=437_000, counted=True, **_SINCE)
    return snapshot(None, devices=(now,), simulated_why="meters.simulated.no_library")


def _lost() -> LiveSnapshot:
    fault = Notice("fault.meter.gpu_lost", (("detail", "GPU is lost"), ("device", ADA.name)))
    silent = {**_SINCE, "samples_per_s": 0.0}
    now = DeviceNow(device=ADA, power_mw=None, counted=True, fault=fault, gap_s=75.0, **silent)
    return snapshot(None, devices=(now,))


SENSOR_STATES = {
    "nvml_full": _nvml_full,
    "no_counter": _no_counter,
    "amd": _amd,
    "simulated": _simulated,
    "lost": _lost,
}
