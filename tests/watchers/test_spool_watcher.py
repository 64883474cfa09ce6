"""What scripts spool becomes events on the run's clock; edits go to whoever asked for them."""

import asyncio
from contextlib import suppress

from support.comfyui import of

from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.model.commands import NewClip
from vidgreen_gui.model.events import (
    IterationBackfilled,
    IterationEnded,
    IterationStarted,
    JobKey,
    PhaseStarted,
    SourceFound,
    StepDone,
)
from vidgreen_gui.model.session import Output, PhaseName, Status, Where
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.spool import (
    SpooledCommand,
    SpooledEnd,
    SpooledPhase,
    SpooledStart,
    SpooledStep,
    SpoolWriter,
    Stamp,
)
from vidgreen_gui.watchers.spool import SpoolWatcher


def watched(folder, clock, *, commands=None, enough=1):
    """Run the watcher until it has emitted `enough` events."""
    events = []
    take = [] if commands is None else commands

    async def scenario():
        task = asyncio.create_task(SpoolWatcher(folder, clock, take.append).run(events.append))
        async with asyncio.timeout(10):
            while len(events) < enough:  # noqa: ASYNC110 - the events come from another task
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    return events


def write(folder, *said):
    writer = SpoolWriter(folder)
    for one in said:
        writer.append(one)
    writer.close()


def test_a_script_is_a_source_and_its_work_an_iteration(tmp_path):
    clock = RunClock(SystemClock())
    commands = []
    write(
        tmp_path,
        SpooledStart(
            at=Stamp.now(), id="a", label="train.py", clip="shot_03", parent="outer",
            settings={"width": 832, "steps": 20, "unknown": 1}, where=Where.CLOUD, provider="fal",
        ),
        SpooledPhase(at=Stamp.now(), id="a", phase=PhaseName.SAMPLE),
        SpooledStep(at=Stamp.now(), id="a", step=3, steps=20),
        SpooledEnd(at=Stamp.now(), id="a", status=Status.FAILED, outputs=("x.mp4",), error="oops"),
        SpooledCommand(at=Stamp.now(), command=NewClip("shot_04")),
    )  # fmt: skip
    events = watched(tmp_path, clock, commands=commands, enough=5)
    assert [type(event) for event in events] == [
        SourceFound, IterationStarted, PhaseStarted, StepDone, IterationEnded,
    ]  # fmt: skip
    _, started, phase, step, ended = events
    key = JobKey("script", "a")
    assert {started.key, phase.key, step.key, ended.key} == {key}
    assert (started.clip_name, started.where, started.provider) == ("shot_03", Where.CLOUD, "fal")
    assert (started.extraction.settings.width, started.extraction.settings.steps) == (832, 20)
    assert started.parent == JobKey("script", "outer")
    assert (ended.status, ended.outputs, ended.error) == (
        Status.FAILED, (Output("x.mp4"),), "oops",
    )  # fmt: skip
    times = [event.t_ns for event in events[1:]]
    assert times == sorted(times)
    assert 0 < times[0] <= times[-1] <= clock.steady_ns()
    assert commands == [NewClip("shot_04")]


def test_what_came_and_went_before_the_recorder_is_known_but_not_live(tmp_path):
    hour = 3600 * 10**9
    utc_ns = SystemClock.utc_ns()
    write(
        tmp_path,
        SpooledStart(at=Stamp("", 0, utc_ns - 2 * hour), id="old", source="run"),
        SpooledEnd(at=Stamp("", 0, utc_ns - hour), id="old", status=Status.COMPLETED),
    )
    events = watched(tmp_path, RunClock(SystemClock()), enough=2)
    (earlier,) = of(IterationBackfilled, events)
    assert earlier.key.external_id == "old"
    assert earlier.ended_utc_ns - earlier.started_utc_ns == hour
    assert not of(IterationStarted, events)


def test_a_stamp_of_another_boot_is_placed_by_the_wall_clock(tmp_path):
    clock = RunClock(SystemClock())
    write(tmp_path, SpooledStart(at=Stamp("another", 1, SystemClock.utc_ns()), id="a"))
    (started,) = of(IterationStarted, watched(tmp_path, clock, enough=2))
    assert 0 <= clock.steady_ns() - started.t_ns < 10**10


def test_each_process_of_a_source_is_told_once(tmp_path):
    clock = RunClock(SystemClock())
    starts = [
        SpooledStart(at=Stamp.now(), id=f"job{n}", source="run", pid=pid)
        for n, pid in enumerate((7, 7, 8))
    ]
    write(tmp_path, *starts)
    events = watched(tmp_path, clock, enough=5)
    found = of(SourceFound, events)
    assert [(one.source_id, one.pid) for one in found] == [("spool:run", 7), ("spool:run", 8)]
