import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.facts import Job, figure, iteration_facts, session_facts
from support.window import STATES

from vidgreen_gui.gui.models.folding import FEWEST_FOLDED, fold, mean_and_deviation
from vidgreen_gui.gui.models.rows import RowKind, rows_of
from vidgreen_gui.gui.shown import Quantity
from vidgreen_gui.model.facts import SettingChange
from vidgreen_gui.model.session import Status

SEED = (SettingChange("seed", 1, 2),)
PROMPT = (SettingChange("prompt", None, None),)


def _facts(*jobs):
    return tuple(iteration_facts(job, "c-01", at) for at, job in enumerate(jobs, 1))


def _seeds(count, **more):
    return [
        Job(clip="s", start_s=at * 100.0, length_s=90, wh=23.0, seed=at, changes=SEED, **more)
        for at in range(count)
    ]


def test_fourteen_seeds_are_one_row(texts):
    (clip,) = (row for row in _rows(texts["en"], "folded") if row.kind is RowKind.CLIP)
    (folded,) = clip.children
    assert folded.kind is RowKind.FOLD
    assert folded.title == "×14, equal"
    assert folded.amount == "23.7 ± 0.2\u00a0Wh"
    assert len(folded.children) == len(folded.iteration_ids) == 14


def test_equal_energies_deviate_by_nothing_not_by_noise(texts):
    (clip, *_rest) = _rows(texts["en"], "long")
    assert clip.children[0].amount == "24.1\u00a0Wh"


def test_a_fold_in_another_unit_is_the_mean_too(texts):
    session = STATES["folded"]().session
    folded = rows_of(texts["en"], session, Quantity.CO2E)[0].children[0]
    assert folded.amount == "0.73 ± 0.01\u00a0g"
    folded = rows_of(texts["en"], session, Quantity.MONEY)[0].children[0]
    assert folded.amount == "€0.0048"


def test_three_are_no_reason_to_fold():
    assert [len(group) for group in fold(_facts(*_seeds(FEWEST_FOLDED - 1)))] == [1, 1, 1]


def test_another_prompt_or_a_failure_begins_a_new_group():
    jobs = _seeds(10)
    jobs[4] = Job(clip="s", start_s=400, length_s=90, wh=23.0, changes=PROMPT)
    assert [len(group) for group in fold(_facts(*jobs))] == [4, 6]
    jobs[4] = Job(clip="s", start_s=400, length_s=90, wh=23.0, status=Status.FAILED)
    assert [len(group) for group in fold(_facts(*jobs))] == [4, 1, 5]


def test_what_was_not_measured_does_not_fold():
    jobs = [Job(clip="s", start_s=at * 100.0, length_s=90, wh=None) for at in range(6)]
    assert all(len(group) == 1 for group in fold(_facts(*jobs)))


@given(st.lists(st.sampled_from(["seed", "prompt", "failed"]), max_size=20))
def test_folding_loses_nobody_and_keeps_the_order(kinds):
    jobs = [
        Job(
            clip="s",
            start_s=at * 100.0,
            length_s=90,
            wh=20.0,
            changes=PROMPT if kind == "prompt" else SEED,
            status=Status.FAILED if kind == "failed" else Status.COMPLETED,
        )
        for at, kind in enumerate(kinds)
    ]
    facts = _facts(*jobs)
    assert tuple(one for group in fold(facts) for one in group) == facts


def test_mean_and_deviation_are_the_sample_s():
    assert mean_and_deviation([1.0, 2.0, 3.0, 4.0]) == pytest.approx((2.5, 1.2909944))


def test_the_unit_of_the_rows_follows_the_switch(texts):
    energy, co2e, money = (
        rows_of(texts["en"], STATES["running"]().session, quantity)[0].amount
        for quantity in Quantity
    )
    assert energy == "150\u00a0Wh"
    assert co2e == "4.64\u00a0g"
    assert money == "€0.030"


def test_next_to_nothing_is_not_spelled_out(texts):
    facts = session_facts(
        [("c-01", Job(clip="s", start_s=0, length_s=9, wh=0.000044))], end_s=10, idle=figure(1.0)
    )
    assert rows_of(texts["en"], facts, Quantity.ENERGY)[0].amount == "<0.01\u00a0Wh"


def test_missing_energy_is_a_dash_and_never_zero(texts):
    facts = session_facts(
        [("c-01", Job(clip="s", start_s=0, length_s=9, wh=None))], end_s=10, idle=figure(1.0)
    )
    row = rows_of(texts["en"], facts, Quantity.ENERGY)[0].children[0]
    assert row.amount == "—"
    assert row.second == "not measured"


def _rows(texts, state):
    return rows_of(texts, STATES[state]().session, Quantity.ENERGY)
