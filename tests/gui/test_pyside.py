"""Guards against a PySide that drops references on void calls and emits (6.12.0 on 3.11)."""

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget


class _Emitter(QObject):
    told = Signal(object, bool)


def test_void_calls_and_emits_keep_their_references(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    emitter = _Emitter()
    heard = []
    emitter.told.connect(lambda what, truth: heard.append((what, truth)))
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(20_000):
        widget.update()
    for _ in range(2_000):
        emitter.told.emit(None, True)
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert len(heard) == 2_000
    heard_of_each = len(heard)
    assert after[0] >= before[0] - heard_of_each
    assert after[1] >= before[1] - heard_of_each
