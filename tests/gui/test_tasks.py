import threading

import pytest

from vidgreen_gui.gui.tasks import Tasks
from vidgreen_gui.model.faults import InputFault


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    tasks.wait()


def test_the_work_is_elsewhere_and_its_end_is_here(tasks, qtbot):
    ends = []
    tasks.run(threading.get_ident).then(lambda there: ends.append((there, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(ends))
    there, here = ends[0]
    assert there != here == threading.get_ident()


def test_a_fault_goes_to_the_one_who_asked(tasks, qtbot):
    def refuse():
        raise InputFault("fault.export.no_session")

    faults = []
    tasks.run(refuse).then(lambda _result: faults.append("succeeded"), faults.append)
    qtbot.waitUntil(lambda: bool(faults))
    assert [fault.code for fault in faults] == ["fault.export.no_session"]


def test_a_bug_is_raised_here_not_swallowed(tasks, qtbot):
    faults = []
    with qtbot.captureExceptions() as raised:
        tasks.run(lambda: 1 // 0).then(faults.append, faults.append)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError
    assert faults == []
