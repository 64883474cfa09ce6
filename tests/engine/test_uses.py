"""Whose processes keep a device busy: from the driver's list of processes to shares of power."""

from support.engine import CARD, S

from vidgreen_gui.accounting.share import Use
from vidgreen_gui.engine.uses import uses_of
from vidgreen_gui.model.events import DeviceUsed, DeviceUser
from vidgreen_gui.model.session import Iteration, Status

GAME = DeviceUser(7, "game", utilisation_pct=30)
DESKTOP = DeviceUser(8, "compositor", utilisation_pct=4)
SERVER = DeviceUser(1, "python", "comfyui:8188", utilisation_pct=60)
SECOND = DeviceUser(2, "python", "comfyui:8189", utilisation_pct=20)


def job(name, start_s, end_s, source="comfyui:8188"):
    return Iteration(
        id=name, source_kind="comfyui", external_id=name, session_id="s", clip_id="c", number=1,
        source_id=source, run_id="r", status=Status.COMPLETED, device_ids=(CARD.id,),
        start_ns=start_s * S, end_ns=None if end_s is None else end_s * S,
    )  # fmt: skip


def used(t_s, *users, device_id=CARD.id):
    return DeviceUsed(t_ns=t_s * S, device_id=device_id, users=users)


def test_a_game_beside_a_job_takes_its_part_and_all_of_it_between_jobs():
    events = [used(20), used(5, SERVER, GAME)]
    found = uses_of(CARD.id, events, [job("a", 0, 10)])
    assert found == (
        Use(5 * S, 1 / 3, {"a": 60.0}),
        Use(10 * S, 1.0),
        Use(20 * S),
    )


def test_a_desktop_s_own_drawing_is_nobody_else_s_use():
    assert uses_of(CARD.id, [used(0, DESKTOP)], ()) == (Use(0),)
    assert uses_of(CARD.id, [used(0, SERVER, DESKTOP)], [job("a", 0, None)]) == (Use(0),)


def test_two_servers_divide_by_utilisation_while_both_run():
    jobs = [job("a", 0, 10), job("b", 4, None, "comfyui:8189"), job("c", 6, 8)]
    found = uses_of(CARD.id, [used(0, SERVER, SECOND)], jobs)
    assert found == (
        Use(0, 0.0, {"a": 60.0}),
        Use(4 * S, 0.0, {"a": 60.0, "b": 20.0}),
        Use(6 * S, 0.0, {"a": 30.0, "b": 20.0, "c": 30.0}),
        Use(8 * S, 0.0, {"a": 60.0, "b": 20.0}),
        Use(10 * S, 0.0, {"b": 20.0}),
    )


def test_where_no_process_is_known_to_be_a_job_s_nobody_is_foreign_while_it_runs():
    found = uses_of(CARD.id, [used(0, GAME)], [job("a", 5, 10)])
    assert found == (Use(0, 1.0), Use(5 * S), Use(10 * S, 1.0))


def test_processes_without_utilisation_and_other_devices_say_nothing():
    untold = DeviceUser(9, "tool", memory_bytes=1)
    assert uses_of(CARD.id, [used(0, untold), used(3, GAME, device_id="gpu1")], ()) == (Use(0),)
