"""What a calibration says on the terminal while it runs and at its end."""

import sys

from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible
from vidgreen_gui.verbs.calibrate import CalibrateAnswer, CalibrateProgress

_EVERY_S = 15.0


class Progress:
    """Says on stderr what was begun, and every quarter of a minute how it stands."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._next_s: float | None = None

    def __call__(self, now: CalibrateProgress) -> None:
        """Say how it stands, if it is time to."""
        say, numbers = self._texts.say, self._texts.numbers
        if self._next_s is None:
            plug, duration = visible(now.plug_name), numbers.duration(now.for_s)
            self._print(say("cli.calibrate.begun", plug=plug, duration=duration))
            self._next_s = _EVERY_S
        elif now.elapsed_s >= self._next_s:
            self._next_s += _EVERY_S
            self._print(
                say(
                    "cli.calibrate.progress",
                    elapsed=numbers.duration(now.elapsed_s),
                    plug=numbers.power(now.plug_w),
                    sensed=numbers.power(now.sensed_w),
                )
            )

    def _print(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def answer_lines(answer: CalibrateAnswer, texts: Texts) -> list[str]:
    """Return what was found, and what would make it better."""
    numbers = texts.numbers
    half = max(answer.factor.high - answer.factor.best, answer.factor.best - answer.factor.low)
    best, doubt = numbers.decimal(answer.factor.best, 3), numbers.decimal(half, 3)
    code = "cli.calibrate.handed_over" if answer.handed_over else "cli.calibrate.done"
    found = texts.say(
        code,
        plug=visible(answer.plug_name),
        factor=f"{best} ± {doubt}",
        duration=numbers.duration(answer.seconds),
        blocks=numbers.integer(answer.blocks),
    )
    return [found, texts.say("cli.calibrate.steady")] if answer.is_steady else [found]
