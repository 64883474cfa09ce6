"""The time that a chart shows: a view fixed at "seconds ago", and the clock labels that pass it."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil, log

from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

# 1-2-5 on a clock face, in seconds.
_TICK_STEPS_S = (10, 20, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 43_200, 86_400)
# The view moves on by this many pixels at a time; a move repaints everything.
STEP_PX = 4
# How long the automatic window may be, in minutes: few lengths, so that it seldom changes.
_AUTO_MINUTES = (12, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880)
_LEAST_WHOLE_S, _WHOLE_GROWTH = 60.0, 1.05


@dataclass(frozen=True, slots=True)
class TimeView:
    """A window of whole pixels: `pixels` of the past and `ahead` to the right of now.

    `edge_ms` (UTC) is now, rounded up to a few whole pixels since the epoch: data move by whole
    pixels, no column changes its place inside one, and most frames move nothing but the newest.
    x is in seconds after the edge. `ratio` is the pixels of the screen in one of Qt's.
    """

    edge_ms: float
    pixel_ms: float
    pixels: int
    ahead: int
    ratio: float = 1.0

    @property
    def qt_pixel_ms(self) -> float:
        """Return the time in one of Qt's pixels, which fonts and distances are measured in."""
        return self.pixel_ms * self.ratio

    @property
    def qt_pixels(self) -> float:
        """Return the whole width in Qt's pixels."""
        return (self.pixels + self.ahead) / self.ratio

    @property
    def start_ms(self) -> float:
        """Return the time of the left edge in UTC ms."""
        return self.edge_ms - self.pixel_ms * self.pixels

    @property
    def end_ms(self) -> float:
        """Return the time of the right edge in UTC ms."""
        return self.edge_ms + self.pixel_ms * self.ahead

    @property
    def first_x(self) -> float:
        """Return the left edge in seconds after now, a negative number."""
        return -self.pixels * self.pixel_ms / 1000

    @property
    def last_x(self) -> float:
        """Return the right edge in seconds after now."""
        return self.ahead * self.pixel_ms / 1000

    @property
    def edge_index(self) -> int:
        """Return the number of the pixel at the edge, counted since the epoch."""
        return round(self.edge_ms / self.pixel_ms)


def time_view(
    now_ms: float, span_s: float, width_px: int, ahead_px: int, ratio: float = 1.0
) -> TimeView:
    """Return the view that shows the last `span_s` seconds left of `ahead_px` of Qt's pixels."""
    pixels = max(1, round((width_px - ahead_px) * ratio))
    pixel_ms = span_s * 1000 / pixels
    step_ms = ceil(STEP_PX * ratio) * pixel_ms
    edge_ms = ceil(now_ms / step_ms) * step_ms
    return TimeView(edge_ms, pixel_ms, pixels, round(ahead_px * ratio), ratio)


def auto_span_s(iteration_s: float) -> float:
    """Return the automatic window: 12 min, or this iteration and a tenth, in round minutes."""
    minutes = iteration_s * 1.1 / 60
    return 60.0 * next((one for one in _AUTO_MINUTES if one >= minutes), ceil(minutes))


def whole_span_s(past_s: float) -> float:
    """Return the window for all of `past_s`: it grows a twentieth at a time, not each second."""
    steps = ceil(log(max(past_s, _LEAST_WHOLE_S) / _LEAST_WHOLE_S, _WHOLE_GROWTH) - 1e-9)
    return _LEAST_WHOLE_S * _WHOLE_GROWTH**steps


def clock_ticks(start_ms: float, end_ms: float, most: int) -> tuple[tuple[float, str], ...]:
    """Return (UTC ms, "14:15") at round local times in the window, about `most` of them."""
    wanted_s = (end_ms - start_ms) / 1000 / max(1, most)
    step_s = next((one for one in _TICK_STEPS_S if one >= wanted_s), _TICK_STEPS_S[-1])
    offset = datetime.fromtimestamp(end_ms / 1000).astimezone().utcoffset()
    offset_s = offset.total_seconds() if offset else 0.0
    first = ceil((start_ms / 1000 + offset_s) / step_s)
    last = int((end_ms / 1000 + offset_s) // step_s)
    times_s = (number * step_s - offset_s for number in range(first, last + 1))
    return tuple((time_s * 1000, _label(time_s, step_s)) for time_s in times_s)


def _label(time_s: float, step_s: int) -> str:
    local = datetime.fromtimestamp(time_s).astimezone()
    return local.strftime("%H:%M:%S" if step_s < 60 else "%H:%M")


def ms_of(utc_ns: int) -> float:
    """Return a UTC label in milliseconds."""
    return utc_ns / NS_PER_MS


def seconds_between(start_ns: int, end_ns: int) -> float:
    """Return the seconds from one UTC label to another."""
    return (end_ns - start_ns) / NS_PER_S
