"""The processor, the board and a plug beside two cards: the law per device, live as stored."""

from array import array
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine import CARD, RUN, UTC, S, a_ledger
from support.whole_machine import (
    BOARD,
    CPU,
    FACTOR,
    JOBS,
    LENGTH_S,
    PLUG,
    TWIN,
    blocks,
    job,
    reported,
)

from vidgreen_gui.engine.accounts import Samples
from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.hardware import this_machine
from vidgreen_gui.engine.host import host_windows, windows_of
from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.report import session_report, session_totals
from vidgreen_gui.engine.sensing import job_edges
from vidgreen_gui.engine.snapshot import SessionView
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.footprint import MISSING, Grade, Scope
from vidgreen_gui.model.power import CounterBlock, DeviceKind, PowerBlock
from vidgreen_gui.model.session import Where
from vidgreen_gui.system.resources import load_texts


def facts_of(folder, devices, **more):
    reader, session = reported(folder, devices, **more)
    return session_report(reader, session)


def by_name(facts):
    return {i.iteration.id: i for clip in facts.clips for i in clip.iterations}


def wh(watts, seconds):
    return pytest.approx(watts * seconds / 3600, rel=1e-6)


def test_jobs_at_once_share_the_machine_and_each_has_its_own_card(tmp_path):
    facts = facts_of(tmp_path, (CARD, TWIN, CPU, BOARD))
    jobs = by_name(facts)
    assert jobs["a"].energy_wh.best == wh(300, 100)
    assert jobs["b"].energy_wh.best == wh(200, 150)
    # 50 s alone and 50 s by halves; 100 s alone and 50 s by halves.
    assert jobs["a"].host_energy_wh.best == wh(120, 75)
    assert jobs["b"].host_energy_wh.best == wh(120, 125)
    assert facts.idle_host_wh.best == wh(120, 200)
    totals = facts.totals
    assert totals.energy_wh.best == wh(500, LENGTH_S)
    assert totals.host_energy_wh.best == wh(120, LENGTH_S)
    assert totals.wall_energy_wh.best == wh(620 / 0.9, LENGTH_S)
    assert totals.wall_energy_wh.grade is Grade.MODEL
    assert jobs["a"].gap_s == totals.gap_s == 0.0
    assert facts.counted_device_ids == (CARD.id, TWIN.id)


def test_a_plug_s_energy_is_its_own(tmp_path):
    facts = facts_of(tmp_path, (CARD, TWIN, CPU, BOARD, PLUG))
    assert by_name(facts)["a"].wall_energy_wh.best == wh(700, 75)
    assert facts.totals.wall_energy_wh.best == wh(700, LENGTH_S)
    assert facts.totals.wall_energy_wh.grade is Grade.MEASURED
    assert facts.totals.energy_wh.best == wh(500, LENGTH_S)


@pytest.mark.parametrize(
    ("scope", "watts"), [(Scope.GPU, 500), (Scope.MACHINE, 620), (Scope.WALL, 620 / 0.9)]
)
def test_co2e_covers_what_the_user_wants(tmp_path, scope, watts):
    machine = ev.MachineDescribed(t_ns=0, scope=scope)
    reader, session = reported(tmp_path, (CARD, TWIN, CPU, BOARD), machine=machine)
    facts = session_report(reader, session)
    assert facts.scope is scope
    assert facts.totals.co2e_g.best == pytest.approx(watts * LENGTH_S / 3600 / 10, rel=1e-6)
    parts = [one.co2e_g.best for one in by_name(facts).values()]
    parts += [facts.idle_co2e_g.best]
    assert sum(parts) == pytest.approx(facts.totals.co2e_g.best, rel=1e-9)
    assert facts.notices == ()


def test_a_scope_that_is_not_known_throughout_is_given_up_for_all_of_the_session(tmp_path):
    machine = ev.MachineDescribed(t_ns=0, scope=Scope.WALL)
    facts = facts_of(
        tmp_path, (CARD, TWIN, CPU, BOARD, PLUG), machine=machine, without=range(210, 299)
    )
    assert facts.scope is Scope.GPU
    assert by_name(facts)["a"].wall_energy_wh.best == wh(700, 75)
    assert by_name(facts)["b"].wall_energy_wh == MISSING
    assert facts.totals.wall_energy_wh == MISSING
    assert facts.totals.co2e_g.best == pytest.approx(500 * LENGTH_S / 3600 / 10)
    (notice,) = facts.notices
    for language in ("en", "fr"):
        assert "GPU" in load_texts(language).fault(notice)
    plug = next(one for one in facts.evidence if one.device_id == PLUG.id)
    assert plug.gap_s == pytest.approx(90.0)


def test_what_ran_elsewhere_used_nothing_here(tmp_path):
    cloud = job("c", 10, 60, CARD, where=Where.CLOUD, provider="x")
    remote = job("r", 20, 70)
    assert host_windows([cloud, remote], 0) == []
    facts = facts_of(tmp_path, (CARD, CPU), jobs=(*JOBS[:1], remote))
    assert by_name(facts)["r"].host_energy_wh == MISSING
    assert facts.idle_host_wh.best == wh(80, LENGTH_S - 100)


def test_time_that_nobody_read_makes_no_low_load(tmp_path):
    """A supply is judged by the watts it gave, however long the machine slept between."""
    machine = ev.MachineDescribed(t_ns=0, psu="gold", psu_w=3000.0)
    taken = []
    for name, missed in (("awake", range(0)), ("slept", range(40, 380))):
        devices = (CARD, TWIN, CPU, BOARD)
        reader, session = reported(
            tmp_path / name, devices, jobs=(), machine=machine, without=missed, of=devices
        )
        facts = session_report(reader, session)
        given = facts.idle_wh.best + facts.idle_host_wh.best
        taken.append(facts.idle_wall_wh.best / given)
    assert taken[1] == pytest.approx(taken[0], rel=1e-3)


def test_live_figures_are_the_stored_ones(tmp_path):
    devices = (CARD, TWIN, CPU, BOARD, PLUG)
    machine = ev.MachineDescribed(t_ns=0, scope=Scope.MACHINE, psu="gold", psu_w=850.0)
    ledger, account = a_ledger(), LiveAccount(TimeMap(RUN))
    for device in devices:
        ledger.apply(ev.DeviceFound(t_ns=0, device=device))
    ledger.described = machine
    ledger.apply(
        ev.SessionStarted(t_ns=0, session_id="s", project_id="p1", kind="live", utc_ns=UTC)
    )
    ledger.apply(said.ClipCreated(t_ns=0, clip_id="c", project_id="p1", name="shot"))
    ledger.apply(said.FactorChosen(t_ns=0, factor=FACTOR))
    for one in JOBS:
        ledger.adopt(one)
    account.add([blocks(device) for device in devices])
    view = SessionView(ledger, account, Forecast(), this_machine())
    session = ledger.sessions["s"]
    live = view.facts(session, LENGTH_S * S, UTC + LENGTH_S * S, MISSING)
    reader, session = reported(tmp_path, devices, machine=machine)
    stored = session_report(reader, session)
    assert live.scope is stored.scope is Scope.MACHINE
    close_to(live.totals, stored.totals)
    for name, one in by_name(live).items():
        close_to(one, by_name(stored)[name])


def close_to(live, stored):
    for name in ("energy_wh", "host_energy_wh", "wall_energy_wh", "co2e_g"):
        one, other = getattr(live, name), getattr(stored, name)
        assert one.grade is other.grade
        assert one.best == pytest.approx(other.best, rel=1e-6), name
        bounds = [(f.range.low, f.range.high) for f in (one, other)]
        # Live, the two ends of a job may be judged apart.
        assert bounds[0] == pytest.approx(bounds[1], rel=1e-4), name


def test_a_list_of_sessions_says_the_same_without_reading_samples(tmp_path):
    machine = ev.MachineDescribed(t_ns=0, scope=Scope.MACHINE)
    reader, session = reported(tmp_path, (CARD, TWIN, CPU, BOARD), machine=machine)
    # Nothing was stored of its energy yet.
    assert session_totals(reader, session).co2e_g == MISSING


kinds = st.sampled_from(list(DeviceKind))
grades = st.sampled_from([Grade.MEASURED, Grade.MODEL, Grade.SIMULATED])


@st.composite
def measured_devices(draw):
    """Return devices of any kind and grade, with samples that come and go, some with a counter."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        has_counter = draw(st.booleans())
        device = replace(
            CARD, id=f"d{number}", kind=draw(kinds), grade=draw(grades), has_counter=has_counter
        )
        period_ns = draw(st.sampled_from([S // 10, S // 2, S]))
        t_ns, now_ns, power_mw = array("q"), 0, array("q")
        for steps, watts in draw(
            st.lists(st.tuples(st.integers(1, 9), st.integers(0, 600)), min_size=2, max_size=25)
        ):
            now_ns += steps * period_ns
            t_ns.append(now_ns)
            power_mw.append(watts * 1000)
        found = [PowerBlock(device.id, period_ns, t_ns, power_mw)]
        if has_counter:
            found.append(CounterBlock(device.id, S, t_ns, array("q", (t // S * 200 for t in t_ns))))
        made.append((device, found))
    return made


job_times = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 30), st.sets(st.integers(0, 3), min_size=1)),
    max_size=4,
)


@settings(deadline=None)
@given(measured_devices(), job_times)
def test_on_every_device_the_parts_are_the_whole_whatever_measures(measured, times):
    devices = tuple(device for device, _ in measured)
    jobs = tuple(
        job(f"j{n}", start_s, start_s + length_s, *(d for i, d in enumerate(devices) if i in on))
        for n, (start_s, length_s, on) in enumerate(times)
    )
    account = LiveAccount(TimeMap(RUN))
    for _, found in measured:
        account.add(found)
    end_ns = 300 * S
    rows = account.rows("s", 0, end_ns, devices, jobs)
    for device, found in measured:
        samples, windows = Samples(device=device), windows_of(device, jobs, end_ns)
        for block in found:
            samples.add(block)
        curve = samples.curve(edges_ns=job_edges(windows, end_ns))
        own = [row for row in rows if row.device_id == device.id]
        all_j = float(curve.energy_j(0, end_ns))
        assert sum(row.energy_j for row in own) == pytest.approx(all_j, rel=1e-6, abs=1e-9)
        assert all(row.low_j <= row.energy_j <= row.high_j for row in own)
        ran = {window.owner for window in windows}
        assert {row.owner for row in own} <= ran | {"idle", "standby", "other"}
