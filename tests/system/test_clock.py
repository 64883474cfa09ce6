import time

from vidgreen_gui.system.clock import SystemClock, boot_id


def test_steady_time_runs_with_real_time():
    clock = SystemClock()
    steady, boottime, utc = clock.steady_ns(), clock.boottime_ns(), clock.utc_ns()
    time.sleep(0.02)
    for before, after in (
        (steady, clock.steady_ns()),
        (boottime, clock.boottime_ns()),
        (utc, clock.utc_ns()),
    ):
        assert 15_000_000 < after - before < 5_000_000_000


def test_boot_time_counts_at_least_what_steady_time_counts():
    clock = SystemClock()
    assert clock.boottime_ns() >= clock.steady_ns() - 1_000_000_000


def test_a_boot_has_one_name():
    assert boot_id() == boot_id()
    assert len(boot_id()) > 8
