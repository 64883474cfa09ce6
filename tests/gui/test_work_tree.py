from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex
from support.facts import FRANCE, figure, long_session, spring_campaign
from support.recording import FakeRecording
from support.window import STATES

from vidgreen_gui.gui.dialogs.pick import ChoiceModel
from vidgreen_gui.gui.models.rows import RowKind, rows_of
from vidgreen_gui.gui.models.session_table import SessionTable
from vidgreen_gui.gui.models.work_tree import WorkTree
from vidgreen_gui.gui.shown import Quantity
from vidgreen_gui.model.footprint import Scope


@pytest.mark.parametrize(
    "state", ["running", "folded", "troubled", "long", "hostile", "simulated", "one"]
)
def test_the_tree_is_a_proper_model(state, texts, qtmodeltester):
    tree = WorkTree()
    tree.set_rows(rows_of(texts["en"], STATES[state]().session, Quantity.ENERGY))
    qtmodeltester.check(tree)


def test_the_table_and_the_zones_are_proper_models(texts, qtmodeltester):
    rows = FakeRecording(past=(spring_campaign(finished=True), long_session(20))).sessions()
    qtmodeltester.check(SessionTable(texts["fr"], rows))
    qtmodeltester.check(ChoiceModel([("France", FRANCE), ("", None)]))


def test_new_figures_keep_the_indexes(texts, qtbot):
    tree = WorkTree()
    session = spring_campaign()
    tree.set_rows(rows_of(texts["en"], session, Quantity.ENERGY))
    with qtbot.waitSignal(tree.dataChanged), qtbot.assertNotEmitted(tree.modelReset):
        assert not tree.set_rows(rows_of(texts["en"], session, Quantity.CO2E))


def test_new_rows_build_it_anew(texts, qtbot):
    tree = WorkTree()
    tree.set_rows(rows_of(texts["en"], long_session(20), Quantity.ENERGY))
    with qtbot.waitSignal(tree.modelReset):
        assert tree.set_rows(rows_of(texts["en"], long_session(21), Quantity.ENERGY))


def test_every_row_is_found_by_its_key_and_knows_its_parent(texts):
    tree = WorkTree()
    rows = rows_of(texts["en"], STATES["folded"]().session, Quantity.ENERGY)
    tree.set_rows(rows)
    fold = rows[0].children[0]
    index = tree.index_of(fold.children[3].key)
    assert tree.row_at(index.parent()) == fold
    assert tree.row_at(index.parent().parent()).kind is RowKind.CLIP
    assert not tree.index_of("nobody").isValid()
    assert tree.row_at(QModelIndex()) is None


def test_a_typed_name_is_asked_for_not_taken(texts, qtbot):
    tree = WorkTree()
    tree.set_rows(rows_of(texts["en"], spring_campaign(), Quantity.ENERGY))
    index = tree.index_of("clip:c-03")
    with qtbot.waitSignal(tree.rename_asked) as asked:
        assert tree.setData(index, "  dawn  ")
    assert asked.args == ["c-03", "dawn"]
    assert tree.data(index) == "shot_03 rooftop"
    with qtbot.assertNotEmitted(tree.rename_asked):
        assert not tree.setData(index, "   ")


@pytest.mark.parametrize(
    ("scope", "host", "wall", "shown"),
    [
        (Scope.GPU, 20.0, 80.0, "€0.010"),
        (Scope.MACHINE, 20.0, 80.0, "€0.014"),
        (Scope.MACHINE, None, 80.0, "—"),
        (Scope.WALL, 20.0, 80.0, "€0.016"),
        (Scope.WALL, 20.0, None, "—"),
    ],
)
def test_idle_costs_what_the_session_counts(texts, scope, host, wall, shown):
    session = replace(
        spring_campaign(),
        scope=scope,
        idle_wh=figure(50.0),
        idle_host_wh=figure(host),
        idle_wall_wh=figure(wall),
    )
    idle = next(row for row in rows_of(texts["en"], session, Quantity.MONEY) if row.key == "idle")
    assert idle.amount == shown
    energy = rows_of(texts["en"], session, Quantity.ENERGY)
    assert next(row for row in energy if row.key == "idle").amount == "50.0\u00a0Wh"
