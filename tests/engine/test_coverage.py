"""What an iteration used, by what it covers: never half a machine, never a mix of sources."""

from dataclasses import replace

import pytest
from support.engine import CARD

from vidgreen_gui.accounting.sums import figure
from vidgreen_gui.engine.coverage import load_w, meters_of, of_iteration, of_rest
from vidgreen_gui.engine.scopes import known_scopes
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.footprint import MISSING, Grade, Range, Scope
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.power import DeviceKind, Sensor
from vidgreen_gui.store.batch import EnergyRow

CPU = replace(CARD, id="cpu:0", kind=DeviceKind.CPU, sensor=Sensor(gain=0.05))
BOARD = replace(
    CARD, id="machine", kind=DeviceKind.MACHINE, grade=Grade.MODEL, sensor=Sensor(gain=0.3)
)
PLUG = replace(CARD, id="plug", kind=DeviceKind.WALL, sensor=Sensor(gain=0.02))
INVENTED = replace(CARD, id="sim", grade=Grade.SIMULATED)


def row(device, wh, *, gap_s=0.0, grade=None):
    joules, gain = wh * 3600.0, 0.05 if device.sensor is None else device.sensor.gain
    return EnergyRow(
        session_id="s", owner="a", device_id=device.id, half_hour_utc_ns=0, energy_j=joules,
        low_j=joules * (1 - gain), high_j=joules * (1 + gain), grade=grade or device.grade.value,
        gap_s=gap_s, method_version=2,
    )  # fmt: skip


def used(*rows, devices=(CARD, CPU, BOARD), said=None, seconds=600.0):
    return of_iteration(rows, meters_of(devices, said, None), seconds)


def best(covered, scope):
    return figure(covered.of(scope)).best


def test_the_socket_gives_what_is_behind_the_power_supply_and_its_loss():
    found = used(row(CARD, 60.0), row(CPU, 20.0), row(BOARD, 10.0))
    assert figure(found.host).best == 30.0
    assert figure(found.host).grade is Grade.MODEL
    assert best(found, Scope.MACHINE) == 90.0
    assert best(found, Scope.WALL) == pytest.approx(100.0)
    at_wall = figure(found.wall)
    assert at_wall.grade is Grade.MODEL
    # 6 % of the supply, 5 % of the card, 5 % of the processor, 30 % of the board's model.
    half = (6.0**2 + 3.333**2 + 1.111**2 + 3.333**2) ** 0.5
    assert at_wall.range.high - 100.0 == pytest.approx(half, rel=1e-3)


def test_half_a_machine_is_no_machine():
    for rows in (
        (row(CARD, 60.0), row(CPU, 20.0)),
        (row(CARD, 60.0), row(CPU, 20.0), row(BOARD, 0.0, gap_s=600.0, grade="missing")),
        (row(CARD, 60.0), row(CPU, 9.0, gap_s=300.0), row(BOARD, 10.0)),
    ):
        found = used(*rows)
        assert figure(found.host) == figure(found.wall) == MISSING
        assert best(found, Scope.GPU) == 60.0
    assert figure(used(row(CPU, 20.0), row(BOARD, 10.0)).wall) == MISSING


def test_a_gap_that_the_gpu_has_too_is_none_of_the_machine_alone():
    rows = (row(CARD, 60.0, gap_s=300.0), row(CPU, 20.0, gap_s=300.0), row(BOARD, 10.0))
    assert figure(used(*rows).host).best == 30.0


def test_a_plug_says_itself_what_the_socket_gave_or_nobody_does():
    devices = (CARD, CPU, BOARD, PLUG)
    rows = (row(CARD, 60.0), row(CPU, 20.0), row(BOARD, 10.0))
    told = figure(used(*rows, row(PLUG, 111.0), devices=devices).wall)
    assert (told.best, told.grade) == (111.0, Grade.MEASURED)
    assert told.range.high == pytest.approx(111.0 * 1.02)
    assert figure(used(*rows, devices=devices).wall) == MISSING
    assert best(used(*rows, row(PLUG, 111.0), devices=(*devices,)), Scope.MACHINE) == 90.0
    # A plug needs nobody else to be right.
    alone = used(row(CARD, 60.0), row(PLUG, 111.0), devices=(CARD, PLUG))
    assert best(alone, Scope.WALL) == 111.0
    assert figure(alone.host) == MISSING


def test_a_calibration_moves_the_model_and_carries_its_uncertainty():
    calibration = WallCalibration(
        plug_id="plug", plug_name="Desk", factor=Range(1.10, 1.09, 1.11), seconds=300.0,
        measured_utc_ns=1,
    )  # fmt: skip
    said = MachineDescribed(t_ns=0, calibration=calibration)
    rows = (row(CARD, 60.0), row(CPU, 20.0), row(BOARD, 10.0))
    calibrated, plain = figure(used(*rows, said=said).wall), figure(used(*rows).wall)
    assert calibrated.best == pytest.approx(110.0)
    assert calibrated.grade is Grade.MODEL
    widths = [one.range.high / one.best for one in (calibrated, plain)]
    assert widths[0] < widths[1]


def test_the_class_and_the_rating_of_the_power_supply_count():
    rows = (row(CARD, 60.0), row(CPU, 20.0), row(BOARD, 10.0))
    # 540 W of 1080 W: half load, where gold gives 0.91.
    gold = used(*rows, said=MachineDescribed(t_ns=0, psu="gold", psu_w=1080.0))
    assert best(gold, Scope.WALL) == pytest.approx(90.0 / 0.91)
    full = used(*rows, said=MachineDescribed(t_ns=0, psu="gold", psu_w=540.0))
    assert best(full, Scope.WALL) == pytest.approx(90.0 / 0.88)


def test_invented_watts_are_never_added_to_real_ones():
    devices = (INVENTED, CPU, BOARD, PLUG)
    found = used(row(INVENTED, 60.0), row(CPU, 20.0), row(BOARD, 10.0), devices=devices[:3])
    assert figure(found.wall) == MISSING
    assert found.of(Scope.MACHINE) == ()
    assert figure(used(row(INVENTED, 60.0), row(PLUG, 99.0), devices=devices).wall) == MISSING


def test_what_belongs_to_no_job_is_whatever_its_meters_say():
    meters = meters_of((CARD, CPU, BOARD), None, None)
    other = of_rest((row(CARD, 9.0),), meters)
    assert figure(other.wall).best == pytest.approx(10.0)
    assert figure(other.host) == MISSING
    idle = of_rest((row(CPU, 9.0),), meters)
    assert (figure(idle.gpu), figure(idle.host).best) == (MISSING, 9.0)
    assert of_rest((row(CARD, 9.0),), meters_of((CARD,), None, None)).wall == ()


def test_a_scope_is_known_of_all_iterations_or_not_at_all():
    meters = meters_of((CARD, CPU), None, None)
    whole = of_iteration((row(CARD, 60.0), row(CPU, 20.0)), meters, 600.0)
    half = of_iteration((row(CARD, 60.0),), meters, 600.0)
    empty = of_iteration((row(CARD, 0.0),), meters, 0.0)
    assert known_scopes(meters, [whole, empty]) == set(Scope)
    assert known_scopes(meters, [whole, half]) == {Scope.GPU}
    assert known_scopes(meters_of((CARD,), None, None), []) == {Scope.GPU}
    assert known_scopes(meters_of((CARD, PLUG), None, None), []) == {Scope.GPU, Scope.WALL}


def test_a_load_is_of_the_time_in_which_each_device_was_read():
    twin = replace(CARD, id="gpu1")
    read = row(CARD, 30.0, gap_s=1800.0), row(twin, 10.0), row(CPU, 5.0, gap_s=3600.0)
    # 30 Wh in half an hour, 10 Wh in an hour; of the processor nothing is known.
    assert load_w(read, 3600.0) == pytest.approx(70.0)
    assert load_w((row(CARD, 0.0, gap_s=3600.0),), 3600.0) is None
    assert load_w((), 3600.0) is None


def test_an_hour_asleep_is_an_hour_on_however_many_cards():
    twin = replace(CARD, id="gpu1")
    rows = row(CARD, 9.0, gap_s=3600.0), row(CARD, 1.0, gap_s=60.0), row(twin, 5.0, gap_s=3600.0)
    meters = meters_of((CARD, twin), None, None)
    assert of_iteration(rows, meters, 7200.0).gap_s == 3660.0
    assert of_rest(rows[2:], meters).gap_s == 3600.0
