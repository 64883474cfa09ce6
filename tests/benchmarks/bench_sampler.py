"""The sampler over 16 GPUs at 10 Hz, beside a loop that makes the same calls bare."""

from beside import Beside
from run import Row

GPUS = 16
SETTLE_S, PERIOD_S, PERIODS = 5, 10, 5
# Of one core.
GOAL_PERCENT = 0.2


def main() -> list[Row]:
    with Beside() as room:
        room.start("sampler", "sampler", gpus=GPUS)
        room.start("bare", "bare", gpus=GPUS)
        room.measure(SETTLE_S, PERIOD_S, PERIODS)
        ours, bare = (room.subjects[name].percent(PERIOD_S) for name in ("sampler", "bare"))
    return [
        Row(
            f"CPU: sampler alone, {GPUS} GPUs, % of a core", f"{ours:.3f} %", "", ours, GOAL_PERCENT
        ),
        Row("… against the same calls", f"{ours:.3f} %", f"bare {bare:.3f} %", ours / bare, None),
    ]
