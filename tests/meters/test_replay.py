"""Traces: written and read back exactly, refused with the line, played on the clock."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock

from vidgreen_gui.meters.replay import ReplayMeter
from vidgreen_gui.meters.trace import TraceEvent, TraceWriter, read_trace
from vidgreen_gui.meters.trace_sensor import sensed, sensor_remark
from vidgreen_gui.model.faults import InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import (
    CounterBlock,
    Device,
    DeviceKind,
    PowerBlock,
    PowerSemantics,
    Sensor,
    SlowBlock,
    SlowField,
    Wants,
    column,
)
from vidgreen_gui.system.resources import load_texts

HEAD = "# vidgreen-trace/1\nt_s,device,power_w,energy_j,event\n"
BOTH = Wants.POWER | Wants.COUNTER
FULL = Path("/dev/full")


def trace(tmp_path, rows, head=HEAD):
    path = tmp_path / "my.trace"
    path.write_text(head + rows, encoding="utf-8")
    return path


def player(tmp_path, rows):
    clock = ManualClock()
    meter = ReplayMeter(trace(tmp_path, rows), clock, Grade.MEASURED)
    meter.open()
    return meter, clock


@pytest.mark.parametrize(
    ("text", "line", "cell"),
    [
        ("", 1, "# vidgreen-trace/1"),
        ("t_s,device,power_w,energy_j,event\n", 1, "# vidgreen-trace/1"),
        ("# vidgreen-trace/2\n", 1, "# vidgreen-trace/1"),
        ("# vidgreen-trace/1\n", 1, "power_w"),
        ("# vidgreen-trace/1\nt,dev,w\n", 2, "t_s,device"),
        (HEAD, 2, "power_w"),
        (HEAD + "0,gpu,1,,\n1,gpu,1\n", 4, "3 ≠ 5"),
        (HEAD + "0,gpu,abc,,\n", 3, "power_w 'abc'"),
        (HEAD + "0,gpu,1,,\n1,gpu,nan,,\n", 4, "power_w 'nan'"),
        (HEAD + "0,gpu,inf,,\n", 3, "power_w 'inf'"),
        (HEAD + "0,gpu,1_0,,\n", 3, "power_w '1_0'"),
        (HEAD + "0,gpu,-1,,\n", 3, "power_w '-1'"),
        (HEAD + "0,gpu,1e300,,\n", 3, "power_w '1e300'"),
        (HEAD + "0,gpu,,x,\n", 3, "energy_j 'x'"),
        (HEAD + ",gpu,1,,\n", 3, "t_s ''"),
        (HEAD + "-1,gpu,1,,\n", 3, "t_s '-1'"),
        (HEAD + "2,gpu,1,,\n1,gpu,1,,\n", 4, "t_s '1'"),
        (HEAD + "0,,1,,\n", 3, "device ''"),
        (HEAD + '0,gpu,1,,"open\n', 3, "unexpected end"),
        (HEAD + "0,gpu,,,only words\n", 3, "power_w"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_cell(tmp_path, text, line, cell):
    with pytest.raises(MeterFault) as raised:
        read_trace(trace(tmp_path, text, head=""))
    fault = raised.value
    assert fault.kind is MeterFaultKind.BAD_TRACE
    assert fault.arguments["line"] == line
    assert cell in fault.arguments["detail"]
    for language in ("en", "fr"):
        sentence = load_texts(language).fault(fault)
        assert "my.trace" in sentence
        assert str(line) in sentence


@pytest.mark.parametrize(
    "content", [b"\xff\xfe# vidgreen-trace/1", HEAD.encode() + b"0,\xe9,1,,\n"]
)
def test_bytes_that_are_no_text_are_refused(tmp_path, content):
    path = tmp_path / "binary.trace"
    path.write_bytes(content)
    with pytest.raises(MeterFault):
        read_trace(path)


@given(content=st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_a_fault(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.trace"
    path.write_bytes(HEAD.encode() + content)
    with suppress(MeterFault):
        read_trace(path)


def test_a_missing_file_is_the_callers_mistake(tmp_path):
    with pytest.raises(InputFault) as raised:
        read_trace(tmp_path / "none.trace")
    assert "none.trace" in load_texts("fr").fault(raised.value)


def test_a_reading_is_the_newest_sample_until_three_periods_later(tmp_path):
    meter, clock = player(tmp_path, "".join(f"{t / 10},gpu,{100 + t},,\n" for t in range(11)))
    assert meter.read("gpu", BOTH).power_mw == 100_000
    clock.advance(0.25)
    assert meter.read("gpu", BOTH).power_mw == 102_000
    clock.advance(0.75)
    assert meter.read("gpu", BOTH).power_mw == 110_000
    clock.advance(0.3)
    assert meter.read("gpu", BOTH).power_mw == 110_000
    clock.advance(0.01)
    assert meter.read("gpu", BOTH).power_mw is None
    assert meter.duration_ns == 1_000_000_000


def test_an_empty_cell_is_missing_and_a_hole_stays_a_hole(tmp_path):
    rows = "0,gpu,100,,\n1,gpu,110,,\n2,gpu,120,,\n3,gpu,,,\n10,gpu,130,,\n11,gpu,140,,\n"
    meter, clock = player(tmp_path, rows)
    seen = []
    for _ in range(12):
        seen.append(meter.read("gpu", BOTH).power_mw)
        clock.advance(1)
    known = [100_000, 110_000, 120_000, 120_000, 120_000, 120_000]
    assert seen == [*known, None, None, None, None, 130_000, 140_000]
    assert meter.open()[0].has_counter is False


def test_the_counter_runs_between_its_samples_but_not_over_a_reset(tmp_path):
    rows = "0,gpu,100,50,\n1,gpu,100,150,\n2,gpu,100,10,\n3,gpu,100,110,\n"
    meter, clock = player(tmp_path, rows)
    seen = []
    for _ in range(7):
        seen.append(meter.read("gpu", BOTH).energy_mj)
        clock.advance(0.5)
    assert seen == [50_000, 100_000, 150_000, 150_000, 10_000, 60_000, 110_000]


def test_time_zero_is_the_opening(tmp_path):
    clock = ManualClock()
    meter = ReplayMeter(trace(tmp_path, "0,gpu,1,,\n1,gpu,2,,\n"), clock)
    clock.advance(3600)
    meter.open()
    assert meter.read("gpu", BOTH).power_mw == 1000


def test_events_are_kept_in_order_and_devices_apart(tmp_path):
    rows = '0,a,1,,\n0,b,2,,"load, first"\n1,a,1,,\n1,,,,sample\n1,b,2,,\n'
    meter, _ = player(tmp_path, rows)
    assert meter.events() == (
        TraceEvent(0, "b", "load, first"),
        TraceEvent(1_000_000_000, "", "sample"),
    )
    assert [device.id for device in meter.open()] == ["a", "b"]


MILLIONTHS = st.integers(0, 10**12)


@given(
    samples=st.lists(
        st.tuples(st.integers(1, 10**10), st.integers(0, 10**7), st.none() | MILLIONTHS),
        min_size=1,
        max_size=30,
    ),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8),
)
def test_what_is_written_is_read_back_exactly(tmp_path_factory, samples, name):
    power, counter = PowerBlock(name, 10**8), CounterBlock(name, 10**9)
    slow = SlowBlock(name, SlowField.TEMPERATURE_C, 10**9)
    t_ns = 0
    for step_ns, power_mw, energy_mj in samples:
        t_ns += step_ns
        power.t_ns.append(t_ns)
        power.power_mw.append(power_mw)
        if energy_mj is not None:
            counter.t_ns.append(t_ns)
            counter.energy_mj.append(energy_mj)
    path = tmp_path_factory.mktemp("trace") / "written.trace"
    event = TraceEvent(power.t_ns[0], name, 'say "so",\nnow')
    with TraceWriter(path) as writer:
        writer.add((power, counter, slow), [event])
        writer.add(())
    read = read_trace(path)
    assert read.events == (event,)
    device = read.devices[name]
    assert (device.power_t_ns, device.power_mw) == (power.t_ns, power.power_mw)
    assert (device.energy_t_ns, device.energy_mj) == (counter.t_ns, counter.energy_mj)


def test_a_trace_that_cannot_be_written_is_the_callers_mistake(tmp_path):
    with pytest.raises(InputFault):
        TraceWriter(tmp_path / "no folder" / "x.trace")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_told_and_closing_is_quiet():
    writer = TraceWriter(FULL)
    for _ in range(2):
        with pytest.raises(InputFault) as raised:
            writer.add((), [TraceEvent(0, "", "start")])
        assert "room" in load_texts("en").fault(raised.value)
    writer.close()


def test_columns_are_integers(tmp_path):
    device = read_trace(trace(tmp_path, "0,gpu,1.5,2.25,\n")).devices["gpu"]
    assert device.power_mw == column_of(1500)
    assert device.energy_mj == column_of(2250)


def column_of(*values):
    made = column()
    made.extend(values)
    return made


def test_a_trace_says_what_was_sensed_and_how(tmp_path):
    sensor = Sensor(update_ns=20_000_000, window_ns=10**9, observed=0.25, gain=0.02)
    board = Device(
        id="gpu", name="gpu", uuid="gpu", meter="x", grade=Grade.MEASURED, has_counter=False,
        power_semantics=PowerSemantics.AVERAGE_1S, sensor=sensor,
    )  # fmt: skip
    package = replace(board, id="cpu", kind=DeviceKind.CPU, sensor=None)
    with TraceWriter(tmp_path / "my.trace") as writer:
        writer.add((), [TraceEvent(0, one.id, sensor_remark(one)) for one in (board, package)])
        writer.add([PowerBlock("gpu", 1, column_of(0), column_of(5))])
        writer.add([PowerBlock("cpu", 1, column_of(0), column_of(6))])
    played = {one.id: one for one in ReplayMeter(tmp_path / "my.trace", ManualClock()).open()}
    assert played["gpu"].sensor == sensor
    assert played["gpu"].power_semantics is PowerSemantics.AVERAGE_1S
    assert played["cpu"].sensor is None
    assert played["cpu"].kind is DeviceKind.CPU


@pytest.mark.parametrize(
    "remark", ["sensor", "sensor gpu", "sensor gpu guessed", "sensor tpu instant", "a phase",
               "sensor gpu instant update_ns=soon"],
)  # fmt: skip
def test_any_other_remark_says_nothing_of_a_sensor(remark):
    assert sensed(remark) is None


def test_a_newer_trace_may_say_more():
    assert sensed("sensor gpu instant update_ns=5 colour=3").sensor == Sensor(update_ns=5)
