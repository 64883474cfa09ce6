"""Recorded sessions of a real server give the iterations that ran, with times and settings."""

import asyncio

import pytest
from support.comfyui import DATA, of, played, transcript

from vidgreen_gui.model.events import (
    IterationBackfilled,
    IterationEnded,
    IterationStarted,
    PhaseStarted,
    PrecisionSeen,
    SourceFound,
    StepDone,
)
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Cached, Done, PhaseName, Status
from vidgreen_gui.model.units import NS_PER_S, ms_from_ns
from vidgreen_gui.watchers.comfyui.transcript import TranscriptWatcher, play, read_transcript

NAMES = sorted(path.stem for path in DATA.glob("*.ndjson"))

# name, status, cached, asked (steps, evaluations, frames, loras), done, server's own length in ms
RUNS = [
    ("tiny_wan_t2v_draft", "completed", "no", (20, 40, 33, 0), (20, 40), 77_913),
    ("tiny_wan_t2v_draft.rerun_cached", "completed", "all", (20, 40, 33, 0), (0, 0), 3),
    ("tiny_wan_t2v_draft.interrupt", "cancelled", "part", (20, 40, 33, 0), (14, 28), 8_129),
    ("tiny_wan_t2v_final", "completed", "part", (30, 60, 41, 0), (30, 60), 89_395),
    ("tiny_wan22_pair_20steps", "completed", "part", (20, 40, 33, 0), (20, 40), 20_150),
    ("tiny_wan22_pair_lightx2v_4steps", "completed", "part", (4, 4, 33, 1), (4, 4), 10_535),
    ("failing", "failed", "no", (None, None, 1, 0), (None, None), 24),
    ("slow_progress.no_client_id", "completed", "part", (None, None, 1, 0), (30, None), 15_016),
    ("model_free_video", "completed", "no", (None, None, 48, 0), (None, None), 1_486),
]


@pytest.mark.parametrize(("name", "status", "cached", "asked", "done", "length_ms"), RUNS)
def test_each_run_is_one_iteration_as_the_server_has_it(
    name, status, cached, asked, done, length_ms
):
    events = played(name)
    (started,) = of(IterationStarted, events)
    (ended,) = of(IterationEnded, events)
    settings = started.extraction.settings
    assert started.key == ended.key
    assert started.graph_json.startswith("{")
    assert (settings.steps, settings.evaluations, settings.frames, len(settings.loras)) == asked
    assert ended.status is Status(status)
    assert ended.cached is Cached(cached)
    assert ended.done == Done(*done)
    assert ms_from_ns(ended.end_ns - ended.start_ns) == length_ms
    # What was seen before the history was read is near the server's own word.
    assert abs(ended.t_ns - ended.end_ns) < 300_000_000
    assert abs(started.t_ns - ended.start_ns) < 300_000_000


def test_what_ran_before_is_backfilled_once_with_settings_and_times():
    (earlier,) = of(IterationBackfilled, played("tiny_wan_t2v_final"))
    assert earlier.status is Status.COMPLETED
    assert earlier.extraction.settings.steps == 30
    assert (
        earlier.started_utc_ns
        < earlier.ended_utc_ns
        < transcript("tiny_wan_t2v_final").header.utc_ns
    )


def test_a_refused_prompt_is_no_iteration():
    events = played("invalid")
    assert not of(IterationStarted, events)
    assert not of(IterationEnded, events)


def test_the_failing_run_says_what_failed():
    (ended,) = of(IterationEnded, played("failing"))
    assert ended.error == "RuntimeError: peer failure: simulated CUDA out of memory"


def test_two_bars_are_the_two_passes_of_a_pair_in_phases():
    events = played("tiny_wan22_pair_20steps")
    passes = [
        [step.step for step in of(StepDone, events) if step.pass_index == index] for index in (0, 1)
    ]
    assert passes == [list(range(11)), list(range(11))]
    assert [event.node for event in of(StepDone, events)][:1] == ["57"]
    phases = [phase.phase for phase in of(PhaseStarted, events)]
    assert phases == [
        PhaseName.LOAD, PhaseName.SAMPLE, PhaseName.LOAD, PhaseName.SAMPLE, PhaseName.DECODE,
    ]  # fmt: skip
    assert [one.precision for one in of(PrecisionSeen, events)] == ["fp32"]


def test_steps_carry_the_servers_time_not_that_of_a_late_delivery():
    steps = of(StepDone, played("tiny_wan_t2v_draft"))
    # The recorded server wrote step 20 at 22:06:06.699097, 70.328 s into the transcript.
    assert steps[-1].step == 20
    assert abs(steps[-1].t_ns - 70.328 * NS_PER_S) < 5_000_000


def test_progress_that_reaches_us_replaces_the_log():
    steps = of(StepDone, played("slow_progress.no_client_id"))
    assert [step.step for step in steps] == list(range(1, 31))
    assert {step.node for step in steps} == {"2"}


@pytest.mark.parametrize("name", NAMES)
def test_another_pace_gives_the_same_iterations(name):
    def told(events):
        return [
            (type(event), event.key, getattr(event, "status", None), getattr(event, "done", None))
            for event in of((IterationStarted, IterationEnded, IterationBackfilled), events)
        ]

    assert told(played(name, speed=8.0)) == told(played(name))


def test_scaled_times_stay_within_the_scaled_session():
    (ended,) = of(IterationEnded, played("tiny_wan_t2v_draft", speed=10.0, begin_ns=NS_PER_S))
    assert abs(ended.end_ns - ended.start_ns - 7.7913 * NS_PER_S) < 1000


def test_the_player_says_which_server_it_plays():
    (found,) = of(SourceFound, played("failing"))
    assert (found.source_kind, found.version, found.device_names) == ("comfyui", "0.28.1", ("cpu",))


def test_a_transcript_plays_in_its_own_time(monkeypatch):
    class Clock:
        now = 0

        def steady_ns(self):
            return self.now

    async def sleep_by_clock(seconds):
        clock.now += round(seconds * NS_PER_S)

    clock = Clock()
    heard = []
    watcher = TranscriptWatcher(clock, transcript("failing"))
    monkeypatch.setattr(asyncio, "sleep", sleep_by_clock)
    asyncio.run(watcher.run(lambda event: heard.append((clock.now, event))))
    assert [type(event) for _, event in heard] == [
        type(event) for _, events in play(transcript("failing")) for event in events
    ]
    ended_at = next(now for now, event in heard if isinstance(event, IterationEnded))
    assert 0.6 * NS_PER_S < ended_at < 1.2 * NS_PER_S


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ([], 1),
        (["nonsense"], 1),
        (['{"format":"other/1","source":"","version":"","utc_ns":0}'], 1),
        (['{"format":"vidgreen-transcript/1","source":"","version":"","utc_ns":0}', "{"], 2),
    ],
)
def test_a_broken_transcript_is_a_fault_that_names_the_line(lines, number):
    with pytest.raises(InputFault) as caught:
        read_transcript(lines)
    assert caught.value.arguments == {"line": number}
