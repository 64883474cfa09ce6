"""The whole chain before a server that plays recorded sessions: from its socket to the export."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from support.comfyui import Peer, transcript
from support.fake_comfyui import FakeComfyUI
from support.wave import Wave, WaveMeter

from vidgreen_gui.__main__ import main
from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.exports.json_file import read_documents
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.session import EndedBy, SessionKind
from vidgreen_gui.model.units import NS_PER_MS
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs import assembly
from vidgreen_gui.verbs.watching import watchers_for
from vidgreen_gui.watchers.comfyui import reducer

SEEN_WITHIN_MS = 300
# For a job shorter than this the wave does not turn: ten samples a second cannot see it.
_LONG_MS = 1500


@pytest.fixture
def paths(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDGREEN_CONFIG_DIR", str(tmp_path / "config"))
    return Paths(tmp_path / "data", tmp_path / "config")


@pytest.fixture
def wave(monkeypatch):
    wave = Wave()
    monkeypatch.setattr(assembly, "open_meter", lambda _spec, clock, **_: WaveMeter(clock, wave))
    return wave


@asynccontextmanager
async def recording(paths, *servers):
    """Record what these servers do; yields the recorder once it knows them all."""
    addresses = tuple(server.address for server in servers)

    def watchers(clock, paths, settings, on_command):
        return watchers_for(clock, paths, settings, on_command, addresses=addresses)

    assembled = assembly.assemble(assembly.RecorderRequest(paths=paths, holder="record"), watchers)
    recorder = assembled.recorder
    recorder.start()
    try:
        for server in servers:
            await until(lambda server=server: asked(server, "/history"))
        yield recorder
    finally:
        await asyncio.to_thread(assembled.close)


async def until(condition, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another thread brings it about
            await asyncio.sleep(0.01)


def asked(server, path):
    """Return whether the server was asked for a path."""
    return any(target.partition("?")[0] == path for _, target, *_ in server.requests)


def iterations(recorder):
    """Return the iterations of the snapshot by prompt id."""
    facts = recorder.latest() and recorder.latest().session
    clips = facts.clips if facts else ()
    return {i.iteration.external_id: i.iteration for c in clips for i in c.iterations}


def statuses(recorder):
    return [one.status for one in iterations(recorder).values()]


def reported(paths, wanted="last"):
    """Return a stored session as a report has it, and its log with UTC for every event."""
    reader = Reader(paths.data)
    session = find_session(reader, wanted)
    run = next(run for run in reader.runs() if run.id == session.run_id)
    times = TimeMap(run)
    events = [logged.event for logged in reader.events(session.id)]
    for event in events:
        if isinstance(event, ev.ClockAnchored):
            times.anchor(event)
    facts = session_report(reader, session)
    reader.close()
    return facts, [(times.utc_ns(event.t_ns), event) for event in events]


# ---- recorded sessions


def recorded(name):
    """Return a transcript that leaves the server's memory of earlier jobs as it is."""
    record = transcript(name)
    kept = (one for one in record.records if one.path != "/history" or one.t > 0)
    return replace(record, records=tuple(kept))


def job_of(record):
    """Return the only job of a recorded session: its prompt id, its start and end in UTC ms."""
    (body,) = [json.loads(bytes(one.body)) for one in record.records if one.path == "/history"]
    ((prompt_id, job),) = body.items()
    stamps = {name: said["timestamp"] for name, said in job["status"]["messages"]}
    ends = ("execution_success", "execution_error", "execution_interrupted")
    return prompt_id, stamps["execution_start"], next(stamps[end] for end in ends if end in stamps)


async def play(server, wave, name, speed, *, high_while_it_runs=False):
    """Play a session and wait until its end was asked for; return its job on today's clock."""
    record = recorded(name)
    begin_ns = time.time_ns()
    prompt_id, *stamps_ms = job_of(record)
    recorded_ns = record.header.utc_ns
    start_ms, end_ms = (
        (begin_ns + round((ms * NS_PER_MS - recorded_ns) / speed)) // NS_PER_MS for ms in stamps_ms
    )
    if end_ms - start_ms > _LONG_MS:
        turns_ms = (start_ms, end_ms) if high_while_it_runs else ((start_ms + end_ms) // 2,)
        wave.edges_ns += [turn_ms * NS_PER_MS for turn_ms in turns_ms]
    looked = len(server.requests)
    await server.replay(record, speed=speed, begin_utc_ns=begin_ns)

    def was_looked_up():
        targets = [target for _, target, *_ in server.requests[looked:]]
        return f"/history/{prompt_id}" in targets or any("max_items" in one for one in targets)

    await until(was_looked_up)
    return SimpleNamespace(prompt_id=prompt_id, start_ms=start_ms, end_ms=end_ms)


FIVE = {
    "draft": "tiny_wan_t2v_draft",
    "pair": "tiny_wan22_pair_lightx2v_4steps",
    "failing": "failing",
    "interrupted": "tiny_wan_t2v_draft.interrupt",
    "again": "tiny_wan_t2v_draft.rerun_cached",
}
QUICK = {"draft": 40.0, "pair": 5.5, "failing": 1.0, "interrupted": 4.4, "again": 1.0}


@pytest.mark.parametrize(
    ("speeds", "high_while_it_runs"),
    [
        pytest.param(QUICK, False, id="quick"),
        pytest.param(dict.fromkeys(FIVE, 1.0), True, id="paced",
                     marks=[pytest.mark.full, pytest.mark.timeout(300)]),
    ],
)  # fmt: skip
def test_five_jobs_from_the_socket_to_the_export(
    paths, wave, tmp_path, capsys, monkeypatch, speeds, high_while_it_runs
):
    async def scenario():
        jobs = {}
        async with FakeComfyUI() as server, recording(paths, server) as recorder:
            for name, session in FIVE.items():
                jobs[name] = await play(
                    server, wave, session, speeds[name], high_while_it_runs=high_while_it_runs
                )
            await until(lambda: len(iterations(recorder)) == len(FIVE))
            await until(lambda: "running" not in statuses(recorder))
        return jobs

    jobs = asyncio.run(scenario())
    facts, events = reported(paths)
    found = {i.iteration.external_id: (c.clip.id, i) for c in facts.clips for i in c.iterations}
    assert facts.totals.iterations == len(found) == len(FIVE)
    got = {name: found[job.prompt_id][1] for name, job in jobs.items()}
    said = {name: (str(f.iteration.status), str(f.iteration.cached)) for name, f in got.items()}
    assert said == {
        "draft": ("completed", "no"),
        "pair": ("completed", "part"),
        "failing": ("failed", "no"),
        "interrupted": ("cancelled", "part"),
        "again": ("completed", "all"),
    }
    check_settings(got)
    # A cached re-run is the next number of the clip that it repeats.
    assert found[jobs["again"].prompt_id][0] == found[jobs["draft"].prompt_id][0]

    for name, job in jobs.items():
        check_times(job, got[name], events)
        expected_j = wave.energy_j(job.start_ms * NS_PER_MS, job.end_ms * NS_PER_MS)
        assert got[name].energy_wh.best is not None, got[name]
        energy_j = got[name].energy_wh.best * 3600
        assert energy_j == pytest.approx(expected_j, rel=0.01, abs=0.5), name
    # The last sample comes a moment before the end.
    assert facts.totals.gap_s < 0.1

    (document,) = read_documents(exported(paths, tmp_path / "out.json", monkeypatch, capsys))
    parts = [i.energy_wh for clip in document.clips for i in clip.iterations]
    parts += [one.energy_wh for one in (document.idle, document.standby, document.other)]
    total_wh = sum(energy.best for energy in parts if energy is not None)
    assert total_wh == pytest.approx(document.totals.energy_wh.best, rel=1e-6)
    assert all(energy is not None for energy in parts[: len(FIVE)])
    for suffix in ("csv", "html"):
        text = exported(paths, tmp_path / f"out.{suffix}", monkeypatch, capsys).read_text()
        assert "RuntimeError" not in text
        assert text.count("lightx2v") >= 1


def check_settings(got):
    draft, pair = got["draft"].iteration.settings, got["pair"].iteration.settings
    assert (draft.steps, draft.evaluations, draft.cfg, draft.frames) == (20, 40, 6.0, 33)
    assert (pair.steps, pair.evaluations, len(pair.samplers), len(pair.loras)) == (4, 4, 2, 1)
    assert got["again"].iteration.settings == draft
    assert got["interrupted"].iteration.done.steps == 14
    assert got["again"].iteration.done.steps == 0


def check_times(job, facts, events):
    """What was seen is near the server's own word, and gave way to it."""
    iteration = facts.iteration
    of_it = [(utc_ns, event) for utc_ns, event in events
             if getattr(event, "key", None) == ev.JobKey("comfyui", job.prompt_id)]  # fmt: skip
    (started_ns,) = [at for at, event in of_it if isinstance(event, ev.IterationStarted)]
    (ended_ns,) = [at for at, event in of_it if isinstance(event, ev.IterationEnded)]
    assert abs(started_ns / NS_PER_MS - job.start_ms) < SEEN_WITHIN_MS
    assert abs(ended_ns / NS_PER_MS - job.end_ms) < SEEN_WITHIN_MS
    assert abs(iteration.started_utc_ns / NS_PER_MS - job.start_ms) < 2
    assert abs(iteration.ended_utc_ns / NS_PER_MS - job.end_ms) < 2


def exported(paths, path, monkeypatch, capsys):
    """Export the last session by the command line, and have a JSON verified; return the path."""
    calls = [("export", "--data-dir", str(paths.data), "-o", str(path))]
    if path.suffix == ".json":
        calls.append(("export", "--verify", str(path)))
    for call in calls:
        monkeypatch.setattr("sys.argv", ["vidgreen-gui", *call])
        assert main() == 0, capsys.readouterr()
    return path


# ---- a server that is scripted


def image_graph(image):
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "ImageScale", "inputs": {
            "image": ["1", 0], "upscale_method": "lanczos", "width": 96, "height": 96,
            "crop": "disabled"}},
        "3": {"class_type": "SaveImage", "inputs": {
            "images": ["2", 0], "filename_prefix": "ComfyUI"}},
    }  # fmt: skip


class Scripted:
    """Runs jobs on a fake server: what it says, queues and remembers."""

    def __init__(self, server):
        self.server = server
        self.peer = Peer()
        self._start_ms = {}

    async def begin(self, prompt_id, graph):
        self.peer.running = [[1, prompt_id, graph, {"client_id": "theirs"}, ["3"]]]
        self._start_ms[prompt_id] = time.time_ns() // NS_PER_MS
        await self._tell()

    async def finish(self, prompt_id):
        self.peer.finish(prompt_id, self._start_ms[prompt_id], time.time_ns() // NS_PER_MS)
        await self._tell()

    async def _tell(self):
        bodies = self.server.bodies
        bodies["/queue"] = self.peer.queue_body()
        bodies["/history"] = dict(self.peer.history)
        bodies |= {f"/history/{one}": {one: job} for one, job in self.peer.history.items()}
        await self.server.say(self.peer.status())


def test_two_start_images_under_one_default_prefix_are_two_clips(paths, wave):
    async def scenario():
        async with FakeComfyUI() as server, recording(paths, server) as recorder:
            scripted = Scripted(server)
            for image in ("dog.png", "cat.png"):
                await scripted.begin(image, image_graph(image))
                await asyncio.sleep(0.2)
                await scripted.finish(image)
                await until(lambda image=image: asked(server, f"/history/{image}"))
            await until(lambda: statuses(recorder) == ["completed", "completed"])

    asyncio.run(scenario())
    facts, _ = reported(paths)
    assert sorted(clip.clip.name for clip in facts.clips) == ["cat", "dog"]


def test_a_server_that_dies_leaves_its_job_unknown(paths, wave, monkeypatch):
    monkeypatch.setattr(reducer, "_GIVE_UP_NS", 500 * NS_PER_MS)

    async def scenario():
        server = await FakeComfyUI().start()
        async with recording(paths, server) as recorder:
            await Scripted(server).begin("doomed", image_graph("dog.png"))
            await until(lambda: statuses(recorder) == ["running"])
            await server.die()
            await until(lambda: statuses(recorder) == ["unknown"])
            assert recorder.latest().sources[0].state == "lost"
            async with FakeComfyUI(server.port):
                await until(lambda: recorder.latest().sources[0].state == "found", 30)
                assert statuses(recorder) == ["unknown"]

    asyncio.run(scenario())
    facts, events = reported(paths)
    assert facts.clips[0].iterations[0].iteration.status == "unknown"
    assert "completed" not in [getattr(event, "status", None) for _, event in events]


def test_what_ran_before_is_imported_once_and_clips_go_on_counting(paths, wave):
    """Two starts before one server: the second finds in its history what the first recorded."""

    async def scenario():
        async with FakeComfyUI() as server:
            scripted = Scripted(server)
            await scripted.begin("before", image_graph("dog.png"))
            await scripted.finish("before")
            await asyncio.sleep(0.1)
            for name in ("first", "second"):
                server.requests.clear()
                async with recording(paths, server) as recorder:
                    await scripted.begin(name, image_graph("dog.png"))
                    await asyncio.sleep(0.2)
                    await scripted.finish(name)
                    await until(lambda: statuses(recorder)[-1:] == ["completed"])

    asyncio.run(scenario())
    reader = Reader(paths.data)
    rows = reader.sessions()
    assert [(row.session.kind, row.iterations) for row in rows] == [
        (SessionKind.LIVE, 1), (SessionKind.LIVE, 1), (SessionKind.IMPORTED, 1),
    ]  # fmt: skip
    assert {row.session.ended_by for row in rows} == {EndedBy.QUIT}
    stored = [one for row in rows for one in reader.iterations(row.session.id)]
    reader.close()
    assert {one.external_id: one.number for one in stored} == {"before": 1, "first": 2, "second": 3}
    assert len({one.clip_id for one in stored}) == 1
    facts, _ = reported(paths, rows[-1].session.id)
    (earlier,) = facts.clips[0].iterations
    assert (earlier.energy_wh.best, str(earlier.energy_wh.grade)) == (None, "missing")


def test_jobs_of_two_servers_share_what_the_device_draws(paths, wave):
    async def scenario():
        async with (
            FakeComfyUI() as one,
            FakeComfyUI() as other,
            recording(paths, one, other) as recorder,
        ):
            both = [Scripted(one), Scripted(other)]
            await both[0].begin("long", image_graph("dog.png"))
            await asyncio.sleep(0.5)
            await both[1].begin("short", image_graph("cat.png"))
            await asyncio.sleep(1.0)
            await both[1].finish("short")
            await asyncio.sleep(0.5)
            await both[0].finish("long")
            await until(lambda: statuses(recorder) == ["completed", "completed"])
            assert len(recorder.latest().sources) >= 2

    asyncio.run(scenario())
    facts, _ = reported(paths)
    got = {i.iteration.external_id: i for c in facts.clips for i in c.iterations}
    long, short = got["long"], got["short"]
    power_w = wave.power_w(0)
    assert short.energy_wh.best * 3600 == pytest.approx(power_w * short.duration_s / 2, rel=0.01)
    alone_s = long.duration_s - short.duration_s
    shared_j = power_w * (alone_s + short.duration_s / 2)
    assert long.energy_wh.best * 3600 == pytest.approx(shared_j, rel=0.01)
    parts = (long.energy_wh.best, short.energy_wh.best, facts.idle_wh.best)
    assert facts.totals.energy_wh.best == pytest.approx(sum(parts), rel=1e-6)
