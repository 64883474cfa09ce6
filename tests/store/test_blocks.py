"""Columns come back bit for bit, and noise costs its entropy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vidgreen_gui.store.blocks import decode, decode_samples, encode, encode_samples

INT64 = st.integers(-(2**63), 2**63 - 1)
PERIOD_NS = 100_000_000


@st.composite
def columns(draw):
    n = draw(st.integers(1, 200))
    kinds = st.sampled_from([INT64, st.integers(-5, 5), st.integers(0, 2**20), st.just(7)])
    return [draw(arrays(np.int64, n, elements=draw(kinds))) for _ in range(draw(st.integers(1, 4)))]


@given(columns())
def test_any_columns_come_back(originals):
    decoded = decode(encode(originals), len(originals[0]))
    assert len(decoded) == len(originals)
    for original, column in zip(originals, decoded, strict=True):
        assert column.dtype == np.int64
        assert column.tolist() == original.tolist()


@given(
    arrays(np.int64, st.integers(1, 300), elements=st.integers(-(2**40), 2**40)),
    st.integers(-(2**60), 2**60),
    st.data(),
)
def test_any_samples_come_back(steps, first, data):
    t_ns = first + np.cumsum(np.abs(steps))
    n = len(t_ns)
    value = data.draw(arrays(np.int64, n, elements=INT64))
    period_ns = data.draw(arrays(np.int64, n, elements=st.integers(1, 2**34)))
    decoded = decode_samples(encode_samples(t_ns, value, period_ns), n, int(t_ns[0]))
    for original, column in zip((t_ns, value, period_ns), decoded, strict=True):
        assert column.tolist() == original.tolist()


@pytest.mark.parametrize("periods", [[1, 1, 10, 10, 1], [1] * 5])
def test_a_changing_period_comes_back(periods):
    period_ns = np.array(periods) * PERIOD_NS
    t_ns = np.cumsum(period_ns)
    value = np.arange(5)
    decoded = decode_samples(encode_samples(t_ns, value, period_ns), 5, int(t_ns[0]))
    assert decoded[0].tolist() == t_ns.tolist()
    assert decoded[2].tolist() == period_ns.tolist()


def size(t_ns, value):
    return len(encode_samples(t_ns, value, np.full(len(t_ns), PERIOD_NS))) / len(t_ns)


def test_a_steady_load_on_a_grid_costs_nothing():
    t_ns = np.arange(4096) * PERIOD_NS
    assert size(t_ns, np.full(4096, 24_000)) < 0.03


def test_a_gap_costs_no_more_than_itself():
    t_ns = np.arange(4096) * PERIOD_NS
    t_ns[2000:] += 77 * PERIOD_NS
    assert size(t_ns, np.full(4096, 24_000)) < 0.05


def test_noise_costs_little_more_than_its_entropy():
    noise = np.random.default_rng(1)
    jitter = noise.integers(-5, 6, 4096)
    value = (300_000 * (1 + noise.uniform(-0.01, 0.01, 4096))).astype(np.int64)
    # log2(11) bits of jitter (in 10 us) and log2(6000) of power.
    entropy_bytes = (np.log2(11) + np.log2(6000)) / 8
    assert size(np.arange(4096) * PERIOD_NS + jitter * 10_000, value) < 1.06 * entropy_bytes
