"""The three clocks of this machine, and the name of this boot."""

import sys
import time
from functools import partial
from pathlib import Path

import psutil

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The real `Clock`: monotonic, boot time where Linux has it, UTC."""

    # Bound once: the sampler reads the clocks at every tick.
    steady_ns = staticmethod(
        # Windows ticks the monotonic clock every 15.6 ms before Python 3.13.
        time.perf_counter_ns if sys.platform == "win32" else time.monotonic_ns
    )
    utc_ns = staticmethod(time.time_ns)

    if sys.platform == "linux":
        boottime_ns = staticmethod(partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME))

    else:
        boottime_ns = utc_ns


def boot_id() -> str:
    """Return what tells this boot of the machine from every other one."""
    try:
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        # The boot time is derived from the wall clock, which may step by a little.
        return f"boot-{round(psutil.boot_time() / 60)}"
