"""What the settings say of the computer: logged where it says anything, refused where it cannot."""

from contextlib import closing
from dataclasses import replace

import pytest
from support.whole_machine import BOARD, CARD, CPU, TWIN, reported

from vidgreen_gui.engine.report import session_energy, session_report
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.faults import InputFault, Notice
from vidgreen_gui.model.footprint import Range, Scope
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.system.settings import UserSettings
from vidgreen_gui.verbs.describing import described_machine, model_inputs
from vidgreen_gui.verbs.sessions import SessionsRequest, list_sessions

OLD = WallCalibration(
    plug_id="p", plug_name="Desk", factor=Range(1.0, 0.9, 1.1), seconds=300.0, measured_utc_ns=1
)


def test_nothing_said_is_nothing_logged():
    assert described_machine(UserSettings(), ()) is None


def test_the_newest_calibration_goes_with_what_was_chosen():
    settings = UserSettings(scope="wall", psu="gold", psu_w=850.0)
    newer = replace(OLD, measured_utc_ns=2, made_with=model_inputs(settings))
    found = described_machine(settings, (newer, OLD))
    assert found == MachineDescribed(
        t_ns=0, scope=Scope.WALL, psu="gold", psu_w=850.0, calibration=newer
    )


@pytest.mark.parametrize(
    "later",
    [{"psu": "gold"}, {"psu_w": 850.0}, {"cpu_tdp_w": 170.0}, {"dimms": 0}, {"board_w": 30.0}],
)
def test_what_a_plug_said_of_another_model_is_not_used(later):
    then = UserSettings(psu="white", psu_w=500.0, cpu_tdp_w=65.0, dimms=2, board_w=40.0)
    made = replace(OLD, made_with=model_inputs(then))
    assert described_machine(then, (made,)).calibration == made
    assert described_machine(replace(then, **later), (made,)).calibration is None
    assert getattr(described_machine(UserSettings(**later), (OLD,)), "calibration", None) is None


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (UserSettings(scope="house"), "fault.machine.scope"),
        (UserSettings(psu="wood"), "fault.machine.psu"),
        (UserSettings(psu_w=-1.0), "fault.machine.psu_w"),
        (UserSettings(psu_w=float("nan")), "fault.machine.psu_w"),
    ],
)
def test_what_there_is_not_is_refused_in_words(settings, code):
    with pytest.raises(InputFault) as refused:
        described_machine(settings, ())
    assert refused.value.code == code
    for language in ("en", "fr"):
        assert load_texts(language).fault(Notice.of(refused.value))


def test_a_list_has_the_co2e_of_the_session_s_own_scope(tmp_path):
    machine = MachineDescribed(t_ns=0, scope=Scope.MACHINE)
    reader, session = reported(tmp_path, (CARD, TWIN, CPU, BOARD), machine=machine)
    with closing(reader):
        facts = session_report(reader, session)
        rows = session_energy(reader, session)
    store = Store.open(tmp_path)
    store.write(Batch(run_id="run1", energies=rows))
    store.close()
    (line,) = list_sessions(SessionsRequest(tmp_path)).sessions
    assert line.energy_wh.best == pytest.approx(facts.totals.energy_wh.best)
    assert line.co2e_g.best == pytest.approx(facts.totals.co2e_g.best)
    assert facts.scope is Scope.MACHINE
