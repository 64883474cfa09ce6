"""Who uses a device: names, sources by descent, noise left out, and only changes as news."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from support.engine import S, a_source

from vidgreen_gui.engine.users import Users
from vidgreen_gui.model.events import DeviceUsed, DeviceUser

MIB = 1 << 20
# A process that starts a child, as a wrapped command or a launcher does, and tells its id.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(child.pid, flush=True)
input()
child.communicate(b"\\n")
"""


@pytest.fixture(scope="module")
def family():
    """A parent's and its child's process ids."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        child = int(parent.stdout.readline())
        yield parent.pid, child
        parent.stdin.write(b"\n")
        parent.stdin.flush()


@pytest.fixture
def stranger():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def used(t_s, *users, device_id="gpu"):
    """Return what a sampler tells: (pid, utilisation[, memory]) of each process."""
    told = tuple(DeviceUser(pid, "", "", *rest) for pid, *rest in users)
    return DeviceUsed(t_ns=round(t_s * S), device_id=device_id, users=told)


def owners(event):
    return {user.pid: user.source_id for user in event.users}


def test_a_process_belongs_to_the_source_that_it_is_or_descends_from(family, stranger):
    parent, child = family
    users = Users()
    users.source_found(replace(a_source("comfyui:8188"), pid=parent))
    news = users.news(used(0, (parent, 10), (child, 70), (stranger, 20)))
    assert owners(news) == {parent: "comfyui:8188", child: "comfyui:8188", stranger: ""}
    assert all("python" in user.name for user in news.users)
    assert not any(os.sep in user.name for user in news.users)


def test_the_nearest_source_owns_a_process(family):
    parent, child = family
    users = Users()
    users.source_found(replace(a_source("outer"), pid=parent))
    users.source_found(replace(a_source("inner"), pid=child))
    assert owners(users.news(used(0, (child, 50)))) == {child: "inner"}


def test_two_wrapped_commands_are_one_source_with_two_processes(family, stranger):
    parent, child = family
    users = Users()
    for pid in (parent, stranger):
        users.source_found(replace(a_source("spool:run"), pid=pid))
    assert owners(users.news(used(0, (child, 50), (stranger, 50)))) == {
        child: "spool:run", stranger: "spool:run",
    }  # fmt: skip


def test_a_source_elsewhere_owns_none_of_our_processes(stranger):
    users = Users()
    users.source_found(replace(a_source(), pid=stranger, is_local=False))
    assert owners(users.news(used(0, (stranger, 50)))) == {stranger: ""}


def test_we_are_no_user_and_one_that_has_ended_has_no_name():
    users = Users()
    assert users.news(used(0, (os.getpid(), 90))) is None
    (gone,) = users.news(used(2, (2**22 + 1, 90))).users
    assert (gone.name, gone.source_id) == ("", "")


def test_the_desktop_is_shown_and_never_logged(stranger):
    users = Users()
    assert users.news(used(0, (stranger, 4, 900 * MIB))) is None
    assert [user.pid for user in users.now["gpu"]] == [stranger]
    assert users.news(used(2, (stranger, 5))) is not None
    # What hovers about the line does not come and go.
    assert [users.news(used(4 + 2 * n, (stranger, 3 + n % 3))) for n in range(9)] == [None] * 9
    assert users.news(used(30, (stranger, 2))).users == ()


def test_one_whose_share_is_not_told_is_logged_all_the_same(stranger):
    users = Users()
    (user,) = users.news(used(0, (stranger, None, 900 * MIB))).users
    assert user.utilisation_pct is None


def test_a_share_is_news_from_ten_points_on_and_memory_when_a_model_comes_or_goes(stranger):
    users = Users()
    users.source_found(replace(a_source(), pid=stranger))
    told = [
        (50, 1000), (59, 1000), (60, 1000), (52, 1900), (51, 2100), (51, 1200), (51, 900), (60, 500)
    ]  # fmt: skip
    news = [
        users.news(used(2 * n, (stranger, pct, mib * MIB))) for n, (pct, mib) in enumerate(told)
    ]
    assert [event is not None for event in news] == [
        True, False, True, False, True, False, True, False,
    ]  # fmt: skip
    assert users.news(used(20)).users == ()


def test_at_most_one_event_of_a_device_in_two_seconds(stranger):
    users = Users()
    news = [users.news(used(0.5 * n, (stranger, 10 + 80 * (n % 2)))) for n in range(17)]
    times = [event.t_ns / S for event in news if event is not None]
    assert all(b - a >= 2 for a, b in pairwise(times))
    assert users.news(used(100, (stranger, 50), device_id="other")) is not None
