"""One frame of the live chart against the same columns drawn by a bare QWidget."""

import os
import time
from dataclasses import replace
from functools import partial
from statistics import mean, median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shiboken6
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget
from run import Row
from support.facts import RTX_4090, START_UTC_NS, snapshot, spring_campaign

from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.gui.charts.live_chart import LiveChart
from vidgreen_gui.gui.charts.timeview import STEP_PX
from vidgreen_gui.gui.theme import load_theme
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.system.resources import load_texts

WIDTH, HEIGHT = 1200, 400
FRAMES, WARM = 300, 40
# Twelve minutes are in view, eight hours lie behind them in the engine.
BEHIND_S = 8 * 3600
FRAME_MS = 250
# The last iteration of the story runs, two more are in view.
NOW_UTC_NS = START_UTC_NS + 115 * 60 * NS_PER_S
ANCHOR_UTC_NS = NOW_UTC_NS - BEHIND_S * NS_PER_S
GOAL = 1.6


class RawLines(QWidget):
    """The floor: columns in a numpy array, one drawLines, a pen of one pixel, nothing else."""

    def __init__(self):
        super().__init__()
        self.lines = np.empty((0, 4))

    def set_columns(self, x, low, high):
        lines = np.empty((len(x), 4))
        lines[:, 0] = lines[:, 2] = x
        lines[:, 1], lines[:, 3] = low, high
        self.lines = lines
        self.update()

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#121518"))
        painter.setPen(QPen(QColor("#6cb2f7"), 1))
        first = shiboken6.wrapInstance(self.lines.ctypes.data, QLineF)
        painter.drawLines(first, len(self.lines))


class Card:
    """A card under jobs, as the engine remembers it: 10 Hz since eight hours before now."""

    def __init__(self):
        self.history = PowerHistory()
        self._noise = np.random.default_rng(4090)
        self._t_ns = 0
        self.run_until(NOW_UTC_NS)

    def run_until(self, utc_ns):
        """Take the samples that were due by then."""
        while self._t_ns <= utc_ns - ANCHOR_UTC_NS:
            level_w = 405 if self._t_ns // NS_PER_S % 600 < 450 else 71
            power_mw = int(1000 * level_w + 8000 * self._noise.standard_normal())
            self.history.append(RTX_4090.id, self._t_ns, power_mw)
            self._t_ns += NS_PER_S // 10

    def curves(self, utc_ns, window_s):
        """Return the curves as the window asks for them."""
        self.run_until(utc_ns)
        window_ns = round(window_s * NS_PER_S)
        now_ns = utc_ns - ANCHOR_UTC_NS
        curve = self.history.curve(RTX_4090.id, now_ns, window_ns, WIDTH // 2, ANCHOR_UTC_NS)
        return {RTX_4090.id: curve}


def spent_ms(app, work):
    """Return the process time of one update with all the painting it caused."""
    begin = time.process_time_ns()
    work()
    app.processEvents()
    return (time.process_time_ns() - begin) / 1e6


def columns_in_pixels(chart):
    """Return x, low and high of all columns that the chart shows, in pixels."""
    low, high = [], []
    for tops, bottoms in chart._canvas.bars.values():
        low.append(bottoms[0])
        high.append(tops[0])
    x = np.tile(np.arange(len(low[0])) + 46.5, len(low))
    low, high = np.concatenate(low), np.concatenate(high)
    seen = ~np.isnan(low)
    return x[seen], low[seen], high[seen]


def in_turns(app, chart, raw, step_ms):
    """Return the times of our frames and of the floor's, one after the other, `step_ms` apart."""
    card, moment = Card(), snapshot(spring_campaign(), utc_ns=NOW_UTC_NS)
    chart.show_facts(moment, card.curves(NOW_UTC_NS, chart.span_s))
    chart.show_power(moment, card.curves(NOW_UTC_NS, chart.span_s))
    ours, floors = [], []
    for number in range(FRAMES + WARM):
        now = replace(moment, utc_ns=moment.utc_ns + round(number * step_ms * NS_PER_MS))
        curves = card.curves(now.utc_ns, chart.span_s)
        ours.append(spent_ms(app, partial(chart.show_power, now, curves)))
        columns = columns_in_pixels(chart)
        floors.append(spent_ms(app, partial(raw.set_columns, *columns)))
    return ours[WARM:], floors[WARM:]


def median_of_means(values, size):
    """Return the median over groups of `size` frames of their mean."""
    return median(mean(values[at : at + size]) for at in range(0, len(values) - size + 1, size))


def main():
    app = QApplication.instance() or QApplication([])
    chart, raw = LiveChart(load_theme("dark"), load_texts("en")), RawLines()
    for widget in (chart, raw):
        widget.resize(WIDTH, HEIGHT)
        widget.show()
    in_turns(app, chart, raw, FRAME_MS)
    # The view moves on by some pixels at a time: one frame repaints all, the others the newest.
    move_ms = STEP_PX * chart.view.pixel_ms
    cycle = round(move_ms / FRAME_MS)
    rows = []
    for name, step_ms, size, goal in (
        (f"live frame, 4 Hz, the clock moves in one of {cycle}", FRAME_MS, cycle, GOAL),
        ("the frame in which all columns and the clock move", move_ms, 1, None),
    ):
        ours, floors = in_turns(app, chart, raw, step_ms)
        here, against = median_of_means(ours, size), median_of_means(floors, size)
        rows.append(
            Row(name, f"{here:.2f} ms", f"bare drawLines {against:.2f} ms", here / against, goal)
        )
    chart.close()
    raw.close()
    return rows
