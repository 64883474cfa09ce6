"""The chart panel painted offscreen: what must be seen is seen, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from support.facts import (
    RTX_4090,
    SIMULATED_4090,
    START_UTC_NS,
    hostile_session,
    long_session,
    simulated_session,
    snapshot,
    spring_campaign,
    troubled_session,
)

from vidgreen_gui.gui.charts.canvas import Canvas
from vidgreen_gui.gui.charts.panel import ChartPanel
from vidgreen_gui.gui.theme import load_theme
from vidgreen_gui.model.facts import PowerCurve
from vidgreen_gui.model.footprint import Scope
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.system.resources import load_texts

SIZE = (800, 600)
# The offscreen platform cannot tell a window manager of a least size, and says so each time.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
END_NS = START_UTC_NS + int((111.6 * 60 + 270) * NS_PER_S)


def block_curve(device_id, end_ns, seconds, power_of, step_ms=1000):
    """A curve whose power is a function of the seconds before its end; None is no sample."""
    curve = PowerCurve(device_id)
    for index in range(int(seconds * 1000 / step_ms)):
        ago_s = seconds - index * step_ms / 1000
        watts = power_of(ago_s)
        curve.t_utc_ms.append(int(end_ns / 1e6 - ago_s * 1000))
        for column in (curve.min_mw, curve.mean_mw, curve.max_mw):
            column.append(-1 if watts is None else int(watts * 1000))
    return curve


@pytest.fixture
def panel(qtbot):
    made = ChartPanel(load_theme("dark"), load_texts("en"))
    made.resize(*SIZE)
    qtbot.addWidget(made)
    return made


def show(panel, qapp, moment, curves, window_s=720.0):
    panel.set_window_seconds(window_s)
    panel.set_snapshot(moment)
    panel.set_curves(curves)
    panel.show()
    qapp.processEvents()
    return panel.grab().toImage()


def place(panel, ago_s, watts):
    """Return the pixel at which that power, so long ago, must be."""
    live = panel._live
    lane = live._lanes[0]
    x = (END_NS / 1e6 - live.view.edge_ms) / 1000 - ago_s
    scene = live._frame.box.mapViewToScene(QPointF(x, lane.y(watts)))
    inside = live._frame.view.mapFromScene(scene)
    return live._frame.view.mapTo(panel, inside)


def has_colour(image, centre, colour, reach=2):
    wanted = QColor(colour)
    return any(
        image.pixelColor(centre.x() + dx, centre.y() + dy) == wanted
        for dx in range(-reach, reach + 1)
        for dy in range(-reach, reach + 1)
    )


def count(image, colour):
    # The pixels live as long as their image does.
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.bits(), np.uint32)
    return int(np.count_nonzero(pixels == QColor(colour).rgb()))


def test_a_block_of_power_stands_where_it_must(panel, qapp):
    curve = block_curve(RTX_4090.id, END_NS, 720, lambda ago: 300 if 200 < ago < 400 else 50)
    image = show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {RTX_4090.id: curve})
    data = load_theme("dark").data
    assert has_colour(image, place(panel, 300, 300), data)
    assert not has_colour(image, place(panel, 300, 50), data)
    assert has_colour(image, place(panel, 100, 50), data)
    assert not has_colour(image, place(panel, 100, 300), data)
    # The edges are joined: the steep line is as visible as the level one.
    assert has_colour(image, place(panel, 400, 180), data)


def test_a_gap_is_hatched_and_holds_no_data(panel, qapp):
    curve = block_curve(RTX_4090.id, END_NS, 720, lambda ago: None if 200 < ago < 400 else 60)
    image = show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {RTX_4090.id: curve})
    theme = load_theme("dark")
    for ago in range(210, 391, 5):
        assert not has_colour(image, place(panel, ago, 60), theme.data)
    assert any(has_colour(image, place(panel, ago, 10), theme.hatch, 4) for ago in (250, 300, 350))
    readout = panel._live._readout()
    assert "not measured" in readout.line(END_NS / 1e6 - 300_000, 0.5)


def test_without_data_there_is_an_axis_and_nothing_else(panel, qapp):
    image = show(panel, qapp, snapshot(None, devices=()), {})
    theme = load_theme("dark")
    assert count(image, theme.data) == 0
    assert count(image, theme.data_fill) == 0
    assert count(image, theme.grid) > 500
    assert panel.table_rows()[0].rows == ()


def test_simulated_power_is_broken_and_named(panel, qapp):
    facts = simulated_session()
    end_ns = START_UTC_NS + 960 * NS_PER_S
    curve = block_curve(SIMULATED_4090.id, end_ns, 720, lambda _ago: 300)
    image = show(panel, qapp, snapshot(facts, utc_ns=end_ns), {SIMULATED_4090.id: curve})
    whole = replace(curve, device_id=RTX_4090.id)
    moment = snapshot(spring_campaign(), utc_ns=end_ns)
    measured = show(panel, qapp, moment, {RTX_4090.id: whole})
    data = load_theme("dark").data
    assert 0.4 < count(image, data) / count(measured, data) < 0.8


def test_nothing_is_drawn_while_hidden(panel, qapp, monkeypatch):
    drawn = []
    monkeypatch.setattr(panel._live, "show_power", lambda *_given: drawn.append(1))
    panel.set_snapshot(snapshot(spring_campaign(), utc_ns=END_NS))
    panel.set_curves({})
    qapp.processEvents()
    assert not drawn
    panel.show()
    qapp.processEvents()
    assert drawn
    panel.hide()
    drawn.clear()
    panel.set_curves({})
    qapp.processEvents()
    assert not drawn


def test_a_frame_repaints_the_newest_columns_alone(panel, qapp, monkeypatch):
    exposed = []
    paint = Canvas.paintEvent

    def spy(canvas, event):
        exposed.append(event.rect().width())
        paint(canvas, event)

    monkeypatch.setattr(Canvas, "paintEvent", spy)
    moment = snapshot(spring_campaign(), utc_ns=END_NS)
    panel.show()
    qapp.processEvents()
    panel._live.show_facts(moment, {})
    for watts in (100, 380):
        qapp.processEvents()
        exposed.clear()
        curve = block_curve(RTX_4090.id, END_NS, 720, lambda ago, w=watts: w if ago < 2 else 100)
        panel._live.show_power(moment, {RTX_4090.id: curve})
        qapp.processEvents()
    assert exposed
    assert 0 < max(exposed) < panel._live._canvas.width() / 20


def test_a_scale_without_a_limit_grows_in_round_steps_and_stays(panel, qapp):
    device = replace(RTX_4090, power_limit_mw=None)
    moment = snapshot(spring_campaign(), utc_ns=END_NS)
    bare = replace(moment.devices[0], device=device, power_limit_mw=None)
    tops = []
    for watts in (20, 310, 320, 100):
        curve = block_curve(RTX_4090.id, END_NS, 720, lambda _ago, w=watts: w)
        show(panel, qapp, replace(moment, devices=(bare,)), {RTX_4090.id: curve})
        tops.append(panel._live._lanes[0].scale.top)
    assert tops == [50, 400, 400, 400]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_colour_is_the_themes(panel, qapp, name):
    theme = load_theme(name)
    panel.apply_theme(theme)
    curve = block_curve(RTX_4090.id, END_NS, 2100, lambda _ago: 380)
    panel.set_unit("co2e")
    moment = snapshot(spring_campaign(), utc_ns=END_NS)
    image = show(panel, qapp, moment, {RTX_4090.id: curve}, 2100.0)
    for colour in (
        "window", "band", "grid", "data", "data_fill", "notice", "phase_sample", "phase_load",
        "phase_decode", "stack_1", "stack_2", "hatch", "text",
    ):  # fmt: skip
        assert count(image, getattr(theme, colour)) > 0, colour


def test_labels_speak_the_language(panel, qapp):
    panel.set_unit("money")
    panel.retranslate(load_texts("fr"))
    show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {})
    power, cumulative = panel.table_rows()
    assert power.headers[:3] == ("Plan", "Itération", "Début")
    assert power.rows[0][5] == "48,8\u00a0Wh"
    assert cumulative.title == "Coût cumulé en EUR, par plan"
    assert [label for _y, label in panel._cumulative._ticks()][1].startswith("0,")


@pytest.mark.parametrize(("unit", "alone"), [("wh", False), ("co2e", True), ("money", True)])
def test_the_title_says_where_the_session_counts_more(panel, qapp, unit, alone):
    panel.set_unit(unit)
    session = replace(spring_campaign(), scope=Scope.MACHINE)
    show(panel, qapp, snapshot(session, utc_ns=END_NS), {})
    assert panel._cumulative.title.endswith("(graphics cards alone)") is alone


@pytest.mark.parametrize("unit", ["wh", "co2e", "money"])
def test_the_drawn_stack_and_its_table_agree(panel, qapp, unit):
    panel.set_unit(unit)
    show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {})
    _power, table = panel.table_rows()
    stack = panel._cumulative.stack
    assert [row[1] for row in table.rows[:-1]] == [
        panel._cumulative.amount(layer.values[-1]) for layer in stack.layers
    ]
    assert table.rows[-1][1] == panel._cumulative.amount(stack.tops[-1, -1])


def test_the_power_scale_holds_the_limit_and_does_not_move(panel, qapp):
    moment = snapshot(spring_campaign(), utc_ns=END_NS)
    for watts in (24, 400, 449):
        curve = block_curve(RTX_4090.id, END_NS, 720, lambda _ago, w=watts: w)
        show(panel, qapp, moment, {RTX_4090.id: curve})
        assert panel._live._lanes[0].scale.top == 500


def test_a_click_names_the_iteration(panel, qapp, qtbot):
    show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {}, 2100.0)
    at = place(panel, 100, 200)
    viewport = panel._live._frame.view.viewport()
    with qtbot.waitSignal(panel.iteration_clicked) as clicked:
        qtbot.mouseClick(
            viewport, Qt.MouseButton.LeftButton, pos=viewport.mapFrom(panel, at)
        )  # fmt: skip
    assert clicked.args == ["s-spring:c-03:4"]


def test_the_pointer_reads_time_power_iteration_and_phase(panel, qapp):
    curve = block_curve(RTX_4090.id, END_NS, 720, lambda _ago: 402)
    show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {RTX_4090.id: curve})
    line = panel._live._readout().line(END_NS / 1e6 - 120_000, 0.5)
    assert line.endswith(" · 402\u00a0W · iteration 4 · sampling")
    tooltip = panel._live._readout().tooltip(END_NS / 1e6 - 120_000, 0.5)
    assert tooltip.startswith("shot_03 rooftop · iteration 4\nsampling · ")


@pytest.mark.parametrize("devices", [1, 2, 4, 16])
def test_each_device_has_its_lane(panel, qapp, devices):
    moment = snapshot(spring_campaign(), utc_ns=END_NS)
    several = tuple(
        replace(moment.devices[0], device=replace(RTX_4090, id=f"GPU-{number}"))
        for number in range(devices)
    )
    curves = {
        now.device.id: block_curve(now.device.id, END_NS, 720, lambda _ago: 300) for now in several
    }
    image = show(panel, qapp, replace(moment, devices=several), curves)
    assert len(panel._live._lanes) == devices
    x = place(panel, 350, 0).x()
    data = QColor(load_theme("dark").data)
    column = [image.pixelColor(x, y) == data for y in range(panel._live.geometry().bottom())]
    runs = sum(now and not before for before, now in zip([False, *column], column, strict=False))
    assert runs == devices
    box = panel._live._frame.box.sceneBoundingRect().toRect()
    canvas = panel._live._canvas.geometry()
    assert (canvas.left(), canvas.top(), canvas.height()) == (box.left(), box.top(), box.height())


@pytest.mark.parametrize(
    "facts", [hostile_session(), troubled_session(), long_session(40)], ids=lambda f: f.session.id
)
@pytest.mark.parametrize("size", [(420, 420), (900, 700)])
def test_hostile_troubled_and_long_sessions_are_drawn(panel, qapp, facts, size):
    panel.resize(*size)
    panel.set_strip(size[0] < 500)
    end_ns = facts.session.ended_utc_ns
    curves = {curve.device_id: curve for curve in facts.curves}
    image = show(panel, qapp, snapshot(facts, utc_ns=end_ns), curves, float("inf"))
    assert (image.width(), image.height()) == size
    power, cumulative = panel.table_rows()
    assert len(power.rows) == facts.totals.iterations
    assert all("\n" not in cell and len(cell) < 200 for row in power.rows for cell in row)
    assert len(cumulative.rows) == len(facts.clips) + 2


def test_the_picture_is_on_the_clipboard(panel, qapp):
    show(panel, qapp, snapshot(spring_campaign(), utc_ns=END_NS), {})
    picture = panel.copy_picture()
    assert picture.size() == panel.size()
    assert not qapp.clipboard().pixmap().isNull()
