"""Finish times: from the pace of the steps, the passes still to come, and earlier tails."""

from dataclasses import replace

import pytest
from support.engine import UTC, S, key

from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.model.events import StepDone
from vidgreen_gui.model.session import Iteration, Phase, PhaseName, Status
from vidgreen_gui.model.settings import SamplerPass, Settings


def iteration(*passes, **more):
    return Iteration(
        id="i1", source_kind="comfyui", external_id="a", session_id="s", clip_id="c", number=1,
        source_id="x", run_id="r", status=Status.RUNNING, start_ns=0,
        settings=Settings(model="m", samplers=passes), **more,
    )  # fmt: skip


def one_pass(steps, width=832, height=480):
    return SamplerPass(
        node="3", class_type="KSampler", steps=steps, evaluations=2 * steps, width=width,
        height=height, frames=81,
    )  # fmt: skip


def after(forecast, work, pass_index, done, steps, each_s, begin_s=0.0):
    told = {}
    for step in range(1, done + 1):
        at = round((begin_s + step * each_s) * S)
        told = {
            pass_index: StepDone(
                t_ns=at, key=key("a"), pass_index=pass_index, step=step, steps=steps
            )
        }
        forecast.step(work.id, told[pass_index])
    return told, round((begin_s + done * each_s) * S)


def left_s(forecast, work, told, now_ns):
    progress = forecast.progress(work, told, now_ns, UTC)
    return (progress.finish_utc_ns - UTC) / S


def test_nothing_is_said_before_two_steps():
    forecast, work = Forecast(), iteration(one_pass(20))
    assert forecast.progress(work, {}, 0, UTC) is None
    told, now_ns = after(forecast, work, 0, 1, 20, 2.0)
    assert forecast.progress(work, told, now_ns, UTC).finish_utc_ns is None


def test_the_pace_so_far_and_a_usual_tail():
    forecast, work = Forecast(), iteration(one_pass(20))
    told, now_ns = after(forecast, work, 0, 10, 20, 2.0)
    progress = forecast.progress(work, told, now_ns, UTC)
    assert (progress.step, progress.steps, progress.fraction) == (10, 20, 0.5)
    assert left_s(forecast, work, told, now_ns) == pytest.approx(20 + 0.06 * 40)
    # Half a step later half a step less is left.
    assert left_s(forecast, work, told, now_ns + S) == pytest.approx(19 + 0.06 * 40)


def test_a_second_pass_of_four_times_the_pixels_counts_four_times():
    small, big = one_pass(8, 640, 360), one_pass(4, 1280, 720)
    forecast, work = Forecast(), iteration(small, big)
    told, now_ns = after(forecast, work, 0, 8, 8, 1.0)
    # 8 small steps took 8 s; 4 big ones are 4 x 4 / 8 of that work.
    assert left_s(forecast, work, told, now_ns) == pytest.approx(16 + 0.06 * 24)
    assert forecast.progress(work, told, now_ns, UTC).fraction == pytest.approx(1 / 3)


def test_the_tail_of_an_alike_job_is_learnt():
    forecast, work = Forecast(), iteration(one_pass(20))
    ended = replace(
        work, end_ns=50 * S, status=Status.COMPLETED,
        phases=(Phase(PhaseName.SAMPLE, 0, 40 * S), Phase(PhaseName.DECODE, 40 * S, 50 * S)),
    )  # fmt: skip
    forecast.ended(ended)
    told, now_ns = after(forecast, work, 0, 10, 20, 2.0)
    assert left_s(forecast, work, told, now_ns) == pytest.approx(20 + 10)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.FAILED, Status.UNKNOWN])
def test_nothing_is_learnt_of_a_tail_that_was_cut_off(status):
    forecast, work = Forecast(), iteration(one_pass(20))
    cut = replace(work, end_ns=9 * S, status=status, phases=(Phase(PhaseName.SAMPLE, 0, 9 * S),))
    forecast.ended(cut)
    told, now_ns = after(forecast, work, 0, 10, 20, 2.0)
    assert left_s(forecast, work, told, now_ns) == pytest.approx(20 + 0.06 * 40)


def test_a_late_step_never_promises_the_past():
    forecast, work = Forecast(), iteration(one_pass(4))
    told, now_ns = after(forecast, work, 0, 4, 4, 2.0)
    assert left_s(forecast, work, told, now_ns + 100 * S) >= 0.0
