"""What a card draws at rest outlives the recorder that learnt it; a real minute each."""

import time
from contextlib import closing

import pytest

from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.learnt import IdleLevels
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import spool_only


@pytest.mark.full
@pytest.mark.timeout(120)
def test_idle_levels_are_kept_and_known_at_the_next_start(tmp_path):
    trace = tmp_path / "rest.trace"
    lines = [f"{t / 10},card,{21 + t % 3},," for t in range(1000)]
    trace.write_text("\n".join(["# vidgreen-trace/1", "t_s,device,power_w,energy_j,event", *lines]))
    paths = Paths(tmp_path / "data", tmp_path / "config")
    request = RecorderRequest(
        paths=paths, holder="record", meter=f"replay:{trace}", replay_grade=Grade.MEASURED
    )
    assembled = assemble(request, spool_only)
    assembled.recorder.start()
    time.sleep(45.0)
    assembled.close()
    with closing(Reader(paths.data)) as reader:
        (levels,) = reader.learnt(IdleLevels)
    assert levels.untouched.seconds >= 30.0
    assert levels.untouched.power_mw.best == pytest.approx(22_000, rel=0.02)
    assert levels.context is None

    again = assemble(request, spool_only)
    again.recorder.start()
    time.sleep(2.0)
    shown = again.recorder.latest()
    again.close()
    (card,) = [now for now in shown.devices if now.device.id == levels.device_id]
    assert card.idle == levels
