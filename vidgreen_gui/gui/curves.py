"""How much time the power chart shows, and the curves for it."""

from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.model.facts import PowerCurve
from vidgreen_gui.model.ports import Recording
from vidgreen_gui.model.units import s_from_ns

_LENGTHS_S = {"5m": 300.0, "12m": 720.0, "1h": 3600.0, "8h": 28_800.0}
_SHORTEST_S = 720.0
_YOUNG_S = (120.0, 240.0, 480.0)
_FEWEST_COLUMNS = 200


def window_seconds(choice: str, shown: Shown) -> float:
    """Return the length of the time axis; "auto" is 12 min or this iteration and a tenth."""
    if choice in _LENGTHS_S:
        return _LENGTHS_S[choice]
    if shown.past and shown.session is not None:
        session = shown.session.session
        ended_ns = session.ended_utc_ns or shown.snapshot.utc_ns
        return max(s_from_ns(ended_ns - session.started_utc_ns), 60.0)
    running = shown.running
    if running is None or running.iteration.started_utc_ns is None:
        return _young(shown)
    progress = running.progress
    ends_ns = progress.finish_utc_ns if progress else None
    until_ns = max(ends_ns or 0, shown.snapshot.utc_ns)
    return max(_young(shown), 1.1 * s_from_ns(until_ns - running.iteration.started_utc_ns))


def _young(shown: Shown) -> float:
    """Return 12 min, or less while the session is younger and most of that would be empty."""
    if shown.session is None:
        return _YOUNG_S[0]
    age_s = s_from_ns(shown.snapshot.utc_ns - shown.session.session.started_utc_ns)
    return next((length_s for length_s in _YOUNG_S if age_s < length_s), _SHORTEST_S)


def curves_of(
    recording: Recording, shown: Shown, window_s: float, width_px: int
) -> dict[str, PowerCurve]:
    """Return a curve per graphics card, from memory while live, from the session when past."""
    if shown.past:
        curves = shown.session.curves if shown.session else ()
        return {curve.device_id: curve for curve in curves}
    columns = max(width_px // 2, _FEWEST_COLUMNS)
    return {
        now.device.id: recording.curve(now.device.id, window_s, columns)
        for now in shown.snapshot.gpus
    }
