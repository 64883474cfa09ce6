"""Energy rows come back to the last bit, replaced by identity, summed as the list shows them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.recorded import RUN

from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.store.batch import Batch, EnergyRow
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.summary import energy_of

joules = st.floats(0, 1e9) | st.integers(0, 10**9)
energy_rows = st.lists(
    st.builds(
        EnergyRow,
        session_id=st.just("session"),
        owner=st.sampled_from(["idle", "standby", "other", "iteration-1", "iteration-2"]),
        device_id=st.sampled_from(["gpu-0", "gpu-1"]),
        half_hour_utc_ns=st.integers(0, 3).map(lambda number: number * 1800 * 10**9),
        energy_j=joules,
        low_j=joules,
        high_j=joules,
        grade=st.sampled_from([grade.value for grade in Grade]),
        gap_s=st.floats(0, 1e6),
        method_version=st.integers(1, 9),
    ),
    max_size=30,
)


def identity(row):
    return row.session_id, row.owner, row.device_id, row.half_hour_utc_ns


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("energy"))
    store.begin_run(RUN)
    yield store
    store.close()


@settings(max_examples=30)
@given(energy_rows)
def test_the_last_row_of_an_identity_stays(store, rows):
    owners = {("session", owner) for owner in ("idle", "standby", "other")}
    owners |= {("session", f"iteration-{number}") for number in (1, 2)}
    store.write(Batch(run_id="run-1", replaces_energy_of=tuple(owners), energies=tuple(rows)))
    reader = Reader(store.folder)
    found = reader.energies("session")
    assert reader.damaged() == ()
    reader.close()
    assert {identity(row): row for row in found} == {identity(row): row for row in rows}
    assert len(found) == len({identity(row) for row in rows})


@given(energy_rows)
def test_a_sum_keeps_simulated_energy_apart(rows):
    real = [row for row in rows if row.grade not in {"simulated", "missing"}]
    simulated = [row for row in rows if row.grade == "simulated"]
    figure = energy_of(rows).figure
    if real:
        assert math.isclose(figure.best, sum(row.energy_j for row in real) / 3600, abs_tol=1e-9)
        assert figure.grade is not Grade.SIMULATED
    else:
        assert figure.grade is (Grade.SIMULATED if simulated else Grade.MISSING)
