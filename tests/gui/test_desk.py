"""The window as the user meets it: keys, menus, edits, languages, states."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPushButton
from support.facts import long_session, snapshot, spring_campaign
from support.recording import FakeRecording
from support.window import IDEAS, STATES, Doors

from vidgreen_gui.gui.bridge import LIVE_MS
from vidgreen_gui.gui.desk import Desk
from vidgreen_gui.gui.menus import _MENUS, WINDOW_CHOICES
from vidgreen_gui.gui.shell import Shell
from vidgreen_gui.gui.theme import load_theme
from vidgreen_gui.gui.views.popover import Popover
from vidgreen_gui.model.commands import Answer, NewClip, Redo, Say, ShowWindow, SplitClip, Undo
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.model.user_events import (
    AdviceDismissed,
    ClipRenamed,
    ClipsMerged,
    FactorChosen,
    IterationMarked,
    IterationMoved,
    TariffChosen,
    WorkingOnChosen,
)

# What the offscreen platform says of every dialog and popup.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def said(window):
    return [command.event for command in window.recording.sent if isinstance(command, Say)]


def choose(window, key):
    window.stage.list.choose_key(key)


def opened(menu):
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.shell.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window.shell)
    qtbot.keyClick(window.shell, key, modifier)


def test_the_shell_is_painted_before_anything_is_in_it(dressed, qtbot, texts):
    shell = Shell(load_theme("dark"), "VidGreen", "Looking")
    qtbot.addWidget(shell)
    with qtbot.waitSignal(shell.first_painted, timeout=2_000):
        shell.show()
    desk = Desk(shell, FakeRecording(STATES["running"]()), texts["en"], load_theme("dark"),
                Doors().actions())  # fmt: skip
    assert desk.bridge.is_live
    assert desk.stage.live.charts is None


def test_keep_discard_and_undecide_by_key(open_window, qtbot):
    window = open_window()
    choose(window, "s-spring:c-03:3")
    for key in (Qt.Key.Key_K, Qt.Key.Key_X, Qt.Key.Key_U):
        press(qtbot, window, key)
    marks = [IterationMarked(t_ns=0, iteration_id="s-spring:c-03:3", kept=k)
             for k in (True, False, None)]  # fmt: skip
    assert said(window) == marks


def test_arrows_walk_the_list_and_the_details_follow(open_window, qtbot):
    window = open_window()
    assert window.shown.iteration.iteration.number == 4
    press(qtbot, window, Qt.Key.Key_Down)
    assert window.shown.iteration.iteration.id == "s-spring:c-03:3"
    assert "24.6" in window.stage.live.blocks.iteration.value
    press(qtbot, window, Qt.Key.Key_Up)
    assert window.shown.iteration.iteration.id == "s-spring:c-03:4"


def test_a_running_iteration_cannot_be_marked(open_window, qtbot):
    window = open_window()
    press(qtbot, window, Qt.Key.Key_K)
    assert said(window) == []
    assert not window.menus.actions["keep"].isEnabled()


def test_undo_and_redo_are_there_when_the_engine_says_so(open_window, qtbot):
    window = open_window()
    actions = window.menus.actions
    assert actions["undo"].isEnabled()
    assert not actions["redo"].isEnabled()
    control = Qt.KeyboardModifier.ControlModifier
    press(qtbot, window, Qt.Key.Key_Z, control)
    window.recording.show(replace(window.recording.snapshot, can_undo=False, can_redo=True))
    window.recording.answer(Answer(Undo()))
    window.bridge.drain()
    assert not actions["undo"].isEnabled()
    press(qtbot, window, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert window.recording.sent[-2:] == [Undo(), Redo()]


def test_rename_in_place(open_window, qtbot):
    window = open_window()
    choose(window, "clip:c-02")
    window.do("rename")
    editor = window.stage.list.tree.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "luxury kayak")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(said(window)))
    assert said(window) == [ClipRenamed(t_ns=0, clip_id="c-02", name="luxury kayak")]


def test_move_merge_and_working_on_from_the_menus(open_window):
    window = open_window()
    choose(window, "s-spring:c-03:3")
    menus = window.menus
    opened(menus.move_to)["shot_01 opening"].trigger()
    opened(menus.merge_into)["shot_02 corridor"].trigger()
    opened(menus.working_on)["shot_01 opening"].trigger()
    opened(menus.working_on)["Let the workflow decide"].trigger()
    assert said(window) == [
        IterationMoved(t_ns=0, iteration_id="s-spring:c-03:3", clip_id="c-01"),
        ClipsMerged(t_ns=0, clip_id="c-03", into_clip_id="c-02"),
        WorkingOnChosen(t_ns=0, clip_id="c-01"),
        WorkingOnChosen(t_ns=0, clip_id=None),
    ]


def _answer_dialog(qtbot, kind, fill):
    """Fill the next dialog of that class and accept it."""
    done = []

    def attempt():
        dialog = QApplication.activeModalWidget()
        if dialog is None or type(dialog).__name__ != kind:
            QTimer.singleShot(20, attempt)
            return
        fill(dialog)
        done.append(dialog.windowTitle())
        dialog.accept()

    QTimer.singleShot(0, attempt)
    return done


def test_new_clip_and_split_ask_for_a_name(open_window, qtbot):
    window = open_window()
    _answer_dialog(qtbot, "Ask", lambda dialog: dialog.line.setText("shot_04"))
    window.do("new_clip")
    choose(window, "s-spring:c-03:3")
    _answer_dialog(qtbot, "Ask", lambda dialog: dialog.line.setText("shot_03b"))
    window.do("split")
    assert window.recording.sent[-2:] == [
        NewClip("shot_04"),
        SplitClip(("s-spring:c-03:3",), "shot_03b"),
    ]


def test_the_grid_is_searched_and_chosen(open_window, qtbot):
    window = open_window()
    done = _answer_dialog(qtbot, "ZoneDialog", lambda dialog: dialog.search.setText("germ"))
    window.do("zone")
    qtbot.waitUntil(lambda: bool(done) and bool(said(window)))
    (event,) = said(window)
    assert isinstance(event, FactorChosen)
    assert event.factor.zone == "DE"


def test_the_card_that_renders_is_asked_for_and_remembered(open_window, qtbot):
    window = open_window("simulated")
    done = _answer_dialog(qtbot, "CardDialog", lambda dialog: dialog.search.setText("3090"))
    strip = window.stage.live.strip
    assert "Which card" in strip.sentence
    qtbot.mouseClick(strip._buttons["card"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(done) and bool(window.doors.remembered))
    assert window.doors.remembered == {"card": "GeForce RTX 3090"}
    assert "GeForce RTX 3090" in strip.sentence


def test_a_price_is_asked_for_before_money_is_shown(open_window, qtbot):
    window = open_window("found")
    done = _answer_dialog(qtbot, "PriceDialog", lambda dialog: dialog.price.setText("0.25"))
    window.do("show_money")
    assert done
    (event,) = said(window)
    assert isinstance(event, TariffChosen)
    assert (event.tariff.price_per_kwh, event.tariff.currency) == (0.25, "EUR")


def test_an_earlier_session_is_shown_read_only_and_left_again(open_window, qtbot):
    window = open_window(past=(long_session(20), spring_campaign(finished=True)))
    done = _answer_dialog(qtbot, "SessionsDialog", lambda dialog: dialog.table.selectRow(1))
    window.do("sessions")
    qtbot.waitUntil(lambda: bool(done) and window.shown.past)
    assert window.shown.session.totals.energy_wh.best == pytest.approx(561.6)
    actions = window.menus.actions
    assert not any(actions[name].isEnabled() for name in ("keep", "rename", "undo", "end_session"))
    assert "earlier session" in window.stage.live.strip.sentence
    window.do("back_to_live")
    assert not window.shown.past
    assert window.shown.running is not None


def test_export_says_what_goes_along_and_writes_there(open_window, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "spring.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    window = open_window()
    previews = []

    def fill(dialog):
        previews.append(dialog.preview.text())
        dialog.format.choose("csv")
        dialog.private.setChecked(True)
        previews.append(dialog.preview.text())

    _answer_dialog(qtbot, "ExportDialog", fill)
    window.do("export")
    qtbot.waitUntil(lambda: bool(window.doors.exported))
    assert window.doors.exported == [("s-spring", "csv", target, True)]
    assert "No prompts" in previews[0]
    assert "go along" in previews[1]
    qtbot.waitUntil(lambda: "spring.csv" in window.stage.live.strip.sentence)


def test_the_switch_changes_list_and_blocks_together(open_window):
    window = open_window()
    blocks, tree = window.stage.live.blocks, window.stage.list.model
    assert blocks.session.value == "544\u00a0Wh"
    window.do("show_co2e")
    assert blocks.session.value == "16.9\u00a0g"
    assert blocks.now.value == "12.5\u00a0g/h"
    assert tree.row_at(tree.index_of("clip:c-03")).amount == "4.64\u00a0g"
    window.do("show_money")
    assert blocks.session.value == "€0.11"


def test_hidden_or_minimised_nothing_ticks_and_the_engine_knows(open_window, qtbot):
    window = open_window()
    window.shell.hide()
    before = window.recording.drained
    qtbot.wait(3 * LIVE_MS)
    assert window.recording.drained == before
    window.shell.show()
    assert window.bridge.is_live
    window.shell.showMinimized()
    qtbot.waitUntil(lambda: not window.bridge.is_live)
    shown = [one.visible for one in window.recording.sent if isinstance(one, ShowWindow)]
    assert shown[:3] == [True, False, True]
    assert shown[-1] is False


def test_the_title_tells_how_far_it_is(open_window):
    window = open_window()
    assert window.shell.windowTitle().startswith("65\u00a0% · ")
    assert window.shell.windowTitle().endswith(" — VidGreen")
    assert open_window("simulated").shell.windowTitle().endswith("(simulated)")
    assert open_window("found").shell.windowTitle() == "24\u00a0W — VidGreen"


def test_a_language_is_changed_while_it_runs(open_window):
    window = open_window()
    window.menus.actions["language.fr"].trigger()
    assert window.stage.live.blocks.session.value == "544\u00a0Wh"
    assert window.menus.actions["keep"].text() == "Garder"
    row = window.stage.list.model.row_at(window.stage.list.model.index_of("s-spring:c-03:3"))
    assert row.title == "images 81 → 49"
    assert window.doors.remembered == {"language": "fr"}


def test_a_theme_is_changed_while_it_runs(open_window, qapp):
    window = open_window(theme="dark")
    window.menus.actions["theme.light"].trigger()
    assert "#ffffff" in qapp.styleSheet()
    assert window.doors.remembered == {"theme": "light"}


@pytest.mark.parametrize(
    ("state", "changes", "words"),
    [
        ("found", {}, "Ideas come with the first iteration."),
        ("nothing_better", {}, "Nothing better found for this workflow. It is already lean."),
        ("troubled", {}, "No workflow to read for this iteration, so no ideas."),
        ("troubled", {"role": "viewer"}, "A window that looks on offers no ideas."),
    ],
)
def test_without_ideas_it_says_why(dressed, qtbot, texts, state, changes, words):
    shell = Shell(load_theme("dark"), "VidGreen", "")
    qtbot.addWidget(shell)
    recording = FakeRecording(replace(STATES[state](), **changes))
    window = Desk(shell, recording, texts["en"], load_theme("dark"), Doors().actions())
    window.bridge.drain()
    assert words in {label.text() for label in window.stage.advice.findChildren(QLabel)}


def test_a_command_without_settings_is_not_called_lean(dressed, qtbot, texts):
    moment = STATES["nothing_better"]()
    bare = tuple(
        replace(clip, iterations=tuple(
            replace(one, iteration=replace(one.iteration, settings=Settings()))
            for one in clip.iterations
        ))
        for clip in moment.session.clips
    )  # fmt: skip
    recording = FakeRecording(replace(moment, session=replace(moment.session, clips=bare)))
    shell = Shell(load_theme("dark"), "VidGreen", "")
    qtbot.addWidget(shell)
    window = Desk(shell, recording, texts["en"], load_theme("dark"), Doors().actions())
    window.bridge.drain()
    words = {label.text() for label in window.stage.advice.findChildren(QLabel)}
    assert "No workflow to read for this iteration, so no ideas." in words


def test_an_idea_is_dismissed(open_window, qtbot):
    window = open_window()
    assert len(window.stage.advice.cards) == len(IDEAS)
    window.stage.advice.cards[0]._not_for_me.click()
    assert said(window) == [AdviceDismissed(t_ns=0, rule=IDEAS[0].rule)]


def test_a_dragged_idea_is_a_workflow_file(open_window):
    window = open_window()
    mime = window.stage.advice.cards[0]._drag.file_in_hand()
    (url,) = mime.urls()
    assert url.toLocalFile().endswith(f"{IDEAS[0].rule}.json")
    assert "KSampler" in Path(url.toLocalFile()).read_text(encoding="utf-8")


def test_the_end_of_an_iteration_is_said_once(open_window):
    window = open_window("running")
    live = window.recording.snapshot
    ended = replace(
        snapshot(spring_campaign(finished=True)),
        suggestions=live.suggestions,
        suggestions_for=live.suggestions_for,
    )
    window.recording.show(ended)
    window.recording.answer(Answer(Undo()))
    window.bridge.drain()
    sentence = window.stage.live.strip.sentence
    assert sentence.startswith("Iteration 4: 47.9\u00a0Wh, 7\u00a0min\u00a013\u00a0s")
    assert "2 ways to do it for less" in sentence
    window.stage.live.strip._on_close()
    assert window.stage.live.strip.sentence == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("no_comfyui", "No ComfyUI yet."),
        ("found", "Press Queue in ComfyUI."),
    ],
)
def test_the_first_minute_says_what_to_do(open_window, state, words):
    window = open_window(state)
    assert window.stage.live.first_minute.isVisible()
    labels = [label.text() for label in window.stage.live.first_minute.findChildren(QLabel)]
    assert words in labels
    assert window.stage.live.blocks.now.value == "24\u00a0W"
    assert "● RTX 4090 · measured" in window.stage.live.blocks.now.accessibleName()


def test_what_was_found_can_be_changed_at_once(open_window):
    window = open_window("found")
    assert window.stage.live.strip.sentence == "ComfyUI :8188 found · France, 31\u00a0g/kWh (2025)"
    shown = [one.text() for one in window.stage.live.strip.findChildren(QPushButton)
             if one.isVisible()]  # fmt: skip
    assert shown[:2] == ["change", "add price"]


def test_one_strip_for_all_troubles_most_pressing_first(open_window):
    window = open_window("lost")
    strip = window.stage.live.strip
    first = strip.sentence
    strip._on_more()
    assert "ComfyUI :8188 no longer answers" in strip.sentence
    assert first != strip.sentence
    window.tell(Notice("fault.store.full", (("detail", ""), ("path", "/data")), severity="error"))
    assert strip.sentence != first


def test_simulated_and_viewer_are_said(open_window):
    assert "invented" in open_window("simulated").stage.live.strip.sentence
    assert "looks on" in open_window("viewer").stage.live.strip.sentence


def test_before_the_engine_speaks_nothing_is_claimed(dressed, qtbot, texts):
    shell = Shell(load_theme("light"), "VidGreen", "")
    qtbot.addWidget(shell)
    shell.show()
    window = Desk(shell, FakeRecording(), texts["en"], load_theme("light"), Doors().actions())
    dressed.processEvents()
    words = " ".join(
        label.text() for label in window.shell.findChildren(QLabel) if label.isVisible()
    )
    assert "No ComfyUI" not in words
    assert "Looking for your GPU" in words


def test_hostile_names_are_text_and_nothing_else(open_window):
    window = open_window("hostile")
    for label in window.shell.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert "\u202e" not in label.text()
    assert "⟨U+202E⟩" in " ".join(label.text() for label in window.shell.findChildren(QLabel))


def test_every_control_has_a_name_to_be_heard(open_window):
    window = open_window("lost")
    for button in window.shell.findChildren(QPushButton):
        if button.isVisible():
            assert button.accessibleName().strip(), button.text()


def test_every_action_has_words_and_a_shortcut_of_its_own(open_window):
    window = open_window()
    shortcuts = [
        action.shortcut().toString()
        for name, action in window.menus.actions.items()
        if "." not in name
    ]
    assert all(shortcuts)
    assert len(set(shortcuts)) == len(shortcuts)
    assert all(action.text() for action in window.menus.actions.values())
    assert {f"window.{choice}" for choice in WINDOW_CHOICES} <= set(window.menus.actions)


def test_labels_are_short_in_both_languages(texts):
    codes = [f"gui.do.{entry.name}" for _name, entries in _MENUS for entry in entries if entry.name]
    codes += [f"gui.menu.{name}" for name, _entries in _MENUS]
    codes += [f"gui.field.{name}" for name in ("model", "size", "frames", "steps", "cfg", "sampler",
                                               "lora", "energy")]  # fmt: skip
    codes += [f"gui.first.{name}" for name in ("demo", "address", "cloud")]
    codes += [f"gui.advice.{name}" for name in ("drag", "why", "not_for_me")]
    codes += [f"gui.strip.do.{name}" for name in ("zone", "price", "address", "back_to_live")]
    for language in ("en", "fr"):
        for code in codes:
            assert len(texts[language].say(code)) <= 18, (language, code)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_how_we_know_is_shown_whole(open_window, language):
    window = open_window("troubled", language=language)
    window.do("why_known")
    sheet = window.shell.findChild(Popover)
    labels = [label for label in sheet.findChildren(QLabel) if label.text()]
    assert len(labels) >= 7
    for label in labels:
        assert label.heightForWidth(label.width()) <= label.height(), label.text()
    sheet.close()


def test_panels_open_above_the_middle_where_they_have_no_place(open_window):
    window = open_window(size=(1000, 800))
    assert not window.stage.list.isVisible()
    assert not window.stage.advice.isVisible()
    window.stage.top_bar.list_asked.emit()
    assert window.stage.list.isVisible()
    window.do("ideas")
    assert window.stage.advice.isVisible()
    assert not window.stage.list.isVisible()
    window.shell.resize(1440, 900)
    assert window.stage.list.isVisible()
    assert window.stage.advice.isVisible()


def test_the_table_behind_the_charts_is_copied(open_window, qapp):
    window = open_window()
    window.do("copy_table")
    lines = qapp.clipboard().text().splitlines()
    assert len(lines) == 3 + 11 + 1
    assert any(line.startswith("shot_03 rooftop\t3\tframes 81 → 49\t24.6") for line in lines)


def test_a_finished_iteration_is_followed_by_the_next_one(open_window):
    window = open_window("one")
    window.recording.show(STATES["running"]())
    window.recording.answer(Answer(Undo()))
    window.bridge.drain()
    assert window.shown.iteration.iteration.status is Status.RUNNING
    assert window.stage.list.current.running
