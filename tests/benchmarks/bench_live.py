"""The window, the recorder and the sampler against nvitop and CodeCarbon, all at the same time."""

from beside import NO_PEERS, PEERS, Beside
from run import Row

SETTLE_S, PERIOD_S, PERIODS = 20, 30, 4
# One sample in 15 s is what a tracker does unless told otherwise.
CODECARBON = """
import logging, time
logging.disable(logging.CRITICAL)
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(country_iso_code="FRA", save_to_file=False)
tracker.start()
time.sleep(3600)
"""


def main() -> list[Row]:
    with Beside() as room:
        if PEERS:
            room.start_on_terminal("nvitop", "-m", "nvitop")
            room.start_peer("CodeCarbon", "-c", CODECARBON)
        room.start("sampler", "sampler")
        room.start("record", "record")
        room.start("window", "window")
        room.start("hidden", "hidden")
        room.start("minimised", "minimised")
        room.start("sixteen", "window", gpus=16)
        room.start("idle", "idle")
        room.measure(SETTLE_S, PERIOD_S, PERIODS)
        cpu = {name: one.percent(PERIOD_S) for name, one in room.subjects.items()}
    lines = (
        ("window open, 1 GPU at 10 Hz, 8 h behind", "window", "nvitop", 1.5),
        ("window hidden", "hidden", "record", 1.2),
        ("window minimised", "minimised", "record", 1.2),
        ("window open, 16 GPUs", "sixteen", "window", 2.5),
        ("sampler alone, 10 Hz", "sampler", "CodeCarbon", 1.3),
        ("record without a job", "idle", "record", None),
    )
    return [_row(*line, cpu) for line in lines]


def _row(name: str, subject: str, reference: str, goal: float | None, cpu: dict) -> Row:
    title, value = f"CPU: {name}", f"{cpu[subject]:.3f} %"
    if reference not in cpu:
        return Row(title, value, NO_PEERS, None, goal)
    against = f"{reference} {cpu[reference]:.3f} %"
    return Row(title, value, against, cpu[subject] / cpu[reference], goal)
