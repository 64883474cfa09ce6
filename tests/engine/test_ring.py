"""The power history: columns equal brute force, stay put while the window moves, cost no more."""

import threading
import time
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.engine.ring import LEVELS_S, RAW_NS, PowerHistory
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

TENTH = NS_PER_S // 10
OFFSET = 1_790_000_000 * NS_PER_S


def filled(samples, **options):
    history = PowerHistory(**options)
    for t_ns, power_mw in samples:
        history.append("gpu", t_ns, power_mw)
    return history


def steady(seconds, hertz=10, power=lambda n: 1000 * (n % 97)):
    return [(n * NS_PER_S // hertz, power(n)) for n in range(round(seconds * hertz))]


def columns(curve):
    return list(zip(curve.t_utc_ms, curve.min_mw, curve.mean_mw, curve.max_mw, strict=True))


def check_against_brute_force(curve, samples):
    starts = [t - OFFSET // NS_PER_MS for t in curve.t_utc_ms]
    width_ms = starts[1] - starts[0]
    inside = defaultdict(list)
    for t_ns, power_mw in samples:
        inside[int((t_ns / NS_PER_MS - starts[0]) // width_ms)].append(power_mw)
    for column, found in enumerate(columns(curve)):
        powers = inside[column]
        if powers:
            assert found[1:] == (min(powers), sum(powers) // len(powers), max(powers))
        else:
            assert found[1] == found[2] == found[3]


@given(
    steps_ms=st.lists(st.integers(1, 4000), min_size=5, max_size=80),
    window_s=st.sampled_from([10, 60, 600]),
    count=st.sampled_from([10, 50, 200]),
)
def test_columns_of_raw_samples_equal_brute_force(steps_ms, window_s, count):
    t_ns, samples = 0, []
    for n, step in enumerate(steps_ms):
        t_ns += step * NS_PER_MS
        samples.append((t_ns, 1000 + n * 37 % 500))
    curve = filled(samples).curve("gpu", t_ns, window_s * NS_PER_S, count, OFFSET)
    assert 1 <= len(curve.t_utc_ms) <= count
    if len(curve.t_utc_ms) > 1:
        check_against_brute_force(curve, samples)


@given(
    window_s=st.integers(601, 40_000),
    count=st.integers(20, 700),
    seconds=st.integers(700, 2500),
)
def test_columns_of_buckets_equal_brute_force(window_s, count, seconds):
    samples = steady(seconds, hertz=1, power=lambda n: (n * 7919) % 450_000)
    now_ns = samples[-1][0]
    curve = filled(samples).curve("gpu", now_ns, window_s * NS_PER_S, count, OFFSET)
    assert 1 <= len(curve.t_utc_ms) <= count
    if len(curve.t_utc_ms) > 1:
        check_against_brute_force(curve, samples)


def test_the_last_column_holds_the_newest_sample():
    samples = steady(1000)
    history = filled(samples)
    for window_s in (10, 60, 599, 700, 7200):
        curve = history.curve("gpu", samples[-1][0], window_s * NS_PER_S, 600, OFFSET)
        assert curve.max_mw[-1] >= samples[-1][1]


def test_columns_stay_put_while_the_window_moves():
    samples = steady(1500, power=lambda n: (n * 7919) % 450_000)
    for window_s, count in ((60, 120), (600, 600), (1200, 600), (7200, 300)):
        history = filled(samples[:12_000])
        seen = {}
        for t_ns, power_mw in samples[12_000:12_400]:
            history.append("gpu", t_ns, power_mw)
            curve = history.curve("gpu", t_ns, window_s * NS_PER_S, count, OFFSET)
            for column in columns(curve)[:-1]:
                assert seen.setdefault(column[0], column) == column


def test_a_gap_is_empty_and_a_pause_between_neighbours_is_held():
    history = PowerHistory()
    for n in range(50):
        history.append("gpu", n * NS_PER_S, 1000 + n)
    history.append("gpu", 70 * NS_PER_S, 2000, joined=False)
    curve = history.curve("gpu", 70 * NS_PER_S, 60 * NS_PER_S, 240, OFFSET)
    by_ms = {t - OFFSET // NS_PER_MS: mean for t, _, mean, _ in columns(curve)}
    assert by_ms[30_250] == by_ms[30_750] == 1030
    assert by_ms[49_000] == 1049
    assert {by_ms[ms] for ms in range(49_250, 70_000, 250)} == {-1}
    assert by_ms[70_000] == 2000


def test_a_gap_is_empty_in_buckets_too():
    samples = [(t, p) for t, p in steady(3000, 1) if not 1000 <= t // NS_PER_S < 2000]
    curve = filled(samples).curve("gpu", samples[-1][0], 3000 * NS_PER_S, 300, OFFSET)
    empty = [t for t, low, mean, high in columns(curve) if low == mean == high == -1]
    assert [empty[0] - OFFSET // NS_PER_MS, len(empty)] == [1_000_000, 100]


def test_ten_minutes_of_raw_samples_stay_at_any_rate():
    for hertz in (10, 50):
        samples = steady(1900, hertz)
        history = filled(samples, period_ns=NS_PER_S // hertz)
        curve = history.curve("gpu", samples[-1][0], RAW_NS, 1200, OFFSET)
        assert -1 not in curve.mean_mw[1:]
        check_against_brute_force(curve, samples[-RAW_NS * hertz // NS_PER_S :])


def test_an_unknown_device_has_no_curve():
    assert len(PowerHistory().curve("none", 0, NS_PER_S, 10, 0).t_utc_ms) == 0
    assert PowerHistory().latest("none") is None


def test_a_device_without_samples_has_empty_columns():
    history = PowerHistory()
    history.device("gpu")
    for window_s in (60, 6000):
        curve = history.curve("gpu", 100 * NS_PER_S, window_s * NS_PER_S, 50, OFFSET)
        assert set(curve.min_mw) == set(curve.mean_mw) == set(curve.max_mw) == {-1}
    assert history.latest("gpu") is None


def test_before_a_minute_has_passed_there_are_only_the_columns_that_exist():
    history = filled(steady(5))
    curve = history.curve("gpu", 5 * NS_PER_S, 3600 * NS_PER_S, 600, OFFSET)
    assert len(curve.t_utc_ms) == 1
    curve = history.curve("gpu", 5 * NS_PER_S, 60 * NS_PER_S, 60, OFFSET)
    assert len(curve.t_utc_ms) == 6


def test_a_query_reads_at_most_sixteen_buckets_a_column():
    for window_s in (601, 3600, 86_400, 7 * 86_400):
        width_s = window_s / 600
        level = max([s for s in LEVELS_S if s <= max(width_s, 1)])
        assert -(-width_s // level) <= 16


def test_a_reader_in_another_thread_sees_only_whole_columns():
    history = filled([(0, 100)])
    stop = threading.Event()
    wrong = []

    def read():
        while not stop.is_set():
            for window_s in (5, 700):
                curve = history.curve("gpu", 30 * NS_PER_S, window_s * NS_PER_S, 50, OFFSET)
                wrong.extend(
                    c for c in columns(curve) if c[1:] != (-1, -1, -1) and c[1:] != (100, 100, 100)
                )

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(1, 20_000):
        history.append("gpu", n * 2 * NS_PER_MS, 100)
    stop.set()
    reader.join(10)
    assert wrong == []


def test_asking_for_eight_hours_is_as_quick_as_for_one():
    def best(hours):
        history = PowerHistory()
        for second in range(hours * 3600):
            history.append("gpu", second * NS_PER_S, second)
        now_ns, took = hours * 3600 * NS_PER_S, []
        for _ in range(30):
            began = time.perf_counter()
            history.curve("gpu", now_ns, now_ns, 600, OFFSET)
            took.append(time.perf_counter() - began)
        return min(took)

    # Generous: a query that read every second would be eight times slower.
    assert best(8) < 4 * best(1)


@given(
    steps_ms=st.lists(st.integers(100, 60_000), min_size=5, max_size=60),
    asked_s=st.lists(st.integers(1, 900), min_size=3, max_size=8),
    window_s=st.sampled_from([700, 7200, 40_000]),
)
def test_an_answer_that_goes_on_from_the_one_before_is_the_whole_answer(
    steps_ms, asked_s, window_s
):
    asked, samples, t_ns = PowerHistory(), [], 0
    for n, step in enumerate(steps_ms):
        t_ns += step * NS_PER_MS
        samples.append((t_ns, 1000 + n * 7919 % 450_000))
    now_ns = 0
    for after_s in asked_s:
        before_ns, now_ns = now_ns, now_ns + after_s * NS_PER_S
        for sample in samples:
            if before_ns < sample[0] <= now_ns:
                asked.append("gpu", *sample)
        if not (known := [sample for sample in samples if sample[0] <= now_ns]):
            continue
        moment = "gpu", now_ns, window_s * NS_PER_S, 300, OFFSET
        assert columns(asked.curve(*moment)) == columns(filled(known).curve(*moment))
