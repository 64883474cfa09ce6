"""The window's title: how far, until when, and whether the watts are invented."""

from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.wording import DOT, clock, counted_watts
from vidgreen_gui.texts.catalog import Texts


def window_title(texts: Texts, shown: Shown | None) -> str:
    """Return "62 % · 14:52 — VidGreen" while a job runs, else the draw of this second."""
    app = texts.say("gui.app")
    if shown is None:
        return app
    state = _state(texts, shown)
    title = f"{state} — {app}" if state else app
    return texts.say("gui.title.simulated", title=title) if shown.simulated else title


def _state(texts: Texts, shown: Shown) -> str:
    running = None if shown.past else shown.running
    progress = running.progress if running else None
    if progress is not None and progress.fraction is not None:
        parts = [texts.numbers.percent(progress.fraction)]
        if progress.finish_utc_ns is not None:
            parts.append(clock(progress.finish_utc_ns))
        return DOT.join(parts)
    if running is not None:
        return texts.say("gui.status.running")
    watts = None if shown.past else counted_watts(shown.snapshot)
    return "" if watts is None else texts.numbers.power(watts)
