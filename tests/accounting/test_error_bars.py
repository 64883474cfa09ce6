"""Ranges that hold: ten thousand traces whose true energy is known, from sensors of all kinds."""

from collections import defaultdict

import numpy as np
import pytest
from support.synthetic_traces import CLASSES, S, traces

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.doubt import doubt_j
from vidgreen_gui.accounting.ranges import measured_range
from vidgreen_gui.model.power import Sensor

COUNT, SEED = 10_000, 20260727
TICK_NS = S // 10
HIGHEST_MW = 750_000
# Where sampling and edges weigh more than the board's gain.
SHORT, SHORT_NS = "all of less than 2 s", 2 * S


def told(trace):
    """Return best, low and high in joules of the job of a trace, as the accounting says."""
    update_s, window_s, observed = trace.sensor
    sensor = Sensor(update_ns=round(update_s * S), window_ns=round(window_s * S), observed=observed)
    curve = build_curve(
        trace.t_ns,
        trace.power_mw,
        TICK_NS,
        trace.counter_t_ns,
        trace.counter_mj,
        sensor=sensor,
        edges_ns=trace.edges_ns,
        highest_mw=HIGHEST_MW,
    )
    best = float(curve.energy_j(trace.start_ns, trace.end_ns))
    (open_j,) = doubt_j(curve, np.array([trace.start_ns]), np.array([trace.end_ns]))
    rival_j = None if curve.rival is None else best * curve.rival
    span = measured_range(best, float(open_j), sensor.gain, rival_j)
    return span.best, span.low, span.high


@pytest.fixture(scope="module")
def judged():
    """Return by class the columns best, low, high and true, in joules."""
    found = defaultdict(list)
    for trace in traces(COUNT, SEED):
        row = *told(trace), trace.true_j
        found[trace.kind].append(row)
        if trace.end_ns - trace.start_ns < SHORT_NS:
            found[SHORT].append(row)
    columns = {kind: np.array(rows).T for kind, rows in found.items()}
    print(f"\n{'class':26}{'traces':>8}{'covered':>9}{'width / interval':>20}{'in joules':>11}")
    for kind, (best, low, high, true) in columns.items():
        covered = np.mean((low <= true) & (true <= high))
        widths = [relative_width(*column) for column in scaled(best, low, high, true)]
        print(f"{kind:26}{len(best):8}{covered:9.1%}{widths[0]:20.2f}{widths[1]:11.2f}")
    return columns


def scaled(best, low, high, true):
    """Return the columns as parts of the true energy (of jobs that had any), and as they are."""
    some = true > 1.0
    parts = (column[some] / true[some] for column in (best, low, high, true))
    return tuple(parts), (best, low, high, true)


def relative_width(best, low, high, true):
    """Return the median width of the ranges over the central 95 % interval of the error."""
    first, last = np.percentile(best - true, [2.5, 97.5])
    return np.median(high - low) / (last - first)


@pytest.mark.parametrize("kind", [*CLASSES, SHORT])
def test_the_true_energy_lies_in_the_range(judged, kind):
    _, low, high, true = judged[kind]
    assert np.mean((low <= true) & (true <= high)) >= 0.95


@pytest.mark.parametrize("kind", [*CLASSES, SHORT])
def test_the_range_is_hardly_wider_than_the_errors_are(judged, kind):
    for columns in scaled(*judged[kind]):
        assert relative_width(*columns) <= 1.5


@pytest.mark.parametrize("kind", CLASSES)
def test_no_energy_is_negative_or_absurd(judged, kind):
    best, low, _, true = judged[kind]
    assert (low >= 0.0).all()
    assert (best <= 2 * true + 100.0).all()
