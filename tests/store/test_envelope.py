"""The envelope is what brute force over the samples says, from pyramid, chunks and tail alike."""

import itertools
from array import array

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.recorded import RUN, SECOND_NS

from vidgreen_gui.model.power import PowerBlock
from vidgreen_gui.store import envelope, pyramid
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.rows import PYRAMID

ALL_NS = 2**62


def recorded(folder, t_ns, power_mw, cuts=()):
    """Store one device's samples in as many blocks as `cuts` makes; return reader and store."""
    store = Store.open(folder)
    store.begin_run(RUN)
    edges = [0, *sorted(cuts), len(t_ns)]
    for first, last in itertools.pairwise(edges):
        block = PowerBlock(
            "gpu-0", SECOND_NS // 10, array("q", t_ns[first:last].tobytes()),
            array("q", power_mw[first:last].tobytes()),
        )  # fmt: skip
        store.write(Batch(run_id="run-1", blocks=(block,)))
    return store


def brute_force(found, t_ns, power_mw):
    """Return count, least, most and sum per column of `found`."""
    column = (t_ns - found.start_ns) // found.width_ns
    inside = (column >= 0) & (column < len(found.count))
    rows = []
    for index in range(len(found.count)):
        part = power_mw[inside & (column == index)]
        rows.append((len(part), part.min(), part.max(), part.sum()) if len(part) else (0, 0, 0, 0))
    return np.array(rows)


def assert_equal_to_brute_force(found, t_ns, power_mw):
    columns = np.stack([found.count, found.low_mw, found.high_mw, found.sum_mw], axis=1)
    assert (columns == brute_force(found, t_ns, power_mw)).all()


def day(n, seed=1):
    """Samples of a long day: noise, two gaps, one change of pace."""
    noise = np.random.default_rng(seed)
    steps = np.full(n, SECOND_NS // 10) + noise.integers(-5, 6, n) * 10_000
    steps[n // 3] += 3_000 * SECOND_NS
    steps[n // 2 :] *= 10
    return np.cumsum(steps), noise.integers(20_000, 450_000, n)


@pytest.fixture(scope="module")
def long_day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    t_ns, power_mw = day(60_000)
    store = recorded(folder, t_ns, power_mw, range(5, 60_000, 977))
    store.close()
    reader = Reader(folder)
    yield reader, t_ns, power_mw
    reader.close()


@settings(max_examples=100)
@example(start_s=16, length_s=54, columns=11)
@given(st.integers(0, 36_000), st.integers(1, 40_000), st.integers(2, 300))
def test_any_span_of_a_day(long_day, start_s, length_s, columns):
    reader, t_ns, power_mw = long_day
    start_ns, end_ns = start_s * SECOND_NS, (start_s + length_s) * SECOND_NS
    found = reader.envelope("run-1", "gpu-0", start_ns, end_ns, columns)
    assert 1 <= len(found.count) <= columns
    assert found.start_ns <= start_ns
    assert found.start_ns + found.width_ns * len(found.count) >= end_ns
    assert_equal_to_brute_force(found, t_ns, power_mw)


def test_columns_are_not_wasted(long_day):
    reader, *_ = long_day
    for length_s in range(100, 40_000, 371):
        found = reader.envelope("run-1", "gpu-0", 0, length_s * SECOND_NS, 200)
        assert len(found.count) >= 150


@settings(max_examples=25)
@given(st.integers(1, 9000), st.lists(st.integers(0, 9000), max_size=6), st.integers(2, 50))
def test_any_cut_into_blocks(tmp_path_factory, n, cuts, columns):
    t_ns, power_mw = day(n)
    store = recorded(
        tmp_path_factory.mktemp("cut"), t_ns, power_mw, [cut for cut in cuts if cut < n]
    )
    reader = Reader(store.folder)
    end_ns = int(t_ns[-1]) + 1
    before = reader.envelope("run-1", "gpu-0", 0, end_ns, columns)
    assert_equal_to_brute_force(before, t_ns, power_mw)
    store.seal()
    after = reader.envelope("run-1", "gpu-0", 0, end_ns, columns)
    assert after.count.sum() == n
    for name in ("count", "low_mw", "high_mw", "sum_mw"):
        assert (getattr(before, name) == getattr(after, name)).all()
    reader.close()
    store.close()


def test_a_damaged_page_is_made_again_from_below(tmp_path):
    t_ns, power_mw = day(60_000)
    store = recorded(tmp_path, t_ns, power_mw, range(5, 60_000, 977))
    for level in range(pyramid.LEVELS):
        store._connection.execute(
            "UPDATE pyramid SET payload = zeroblob(20) WHERE level <= ?", (level,)
        )
        reader = Reader(tmp_path)
        for columns in (4, 30, 300):
            found = reader.envelope("run-1", "gpu-0", 0, int(t_ns[-1]), columns)
            assert_equal_to_brute_force(found, t_ns, power_mw)
        assert {damage.table for damage in reader.damaged()} == {PYRAMID.name}
        reader.close()
    store.close()


def test_the_pyramid_can_be_rebuilt(tmp_path):
    t_ns, power_mw = day(60_000)
    store = recorded(tmp_path, t_ns, power_mw, range(5, 60_000, 977))
    everything = f"{PYRAMID.select} ORDER BY series_id, level, page"
    before = store._connection.execute(everything).fetchall()
    with store._transaction() as connection:
        envelope.rebuild(connection, 1)
    assert store._connection.execute(everything).fetchall() == before
    store.close()


def test_a_device_without_samples_has_no_envelope(long_day):
    reader, *_ = long_day
    assert reader.envelope("run-1", "gpu-9", 0, SECOND_NS, 10) is None


def test_a_span_without_samples_is_empty(long_day):
    reader, *_ = long_day
    found = reader.envelope("run-1", "gpu-0", -100 * SECOND_NS, -SECOND_NS, 10)
    assert found.count.sum() == 0
