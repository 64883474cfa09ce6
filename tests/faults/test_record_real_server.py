"""The whole chain against a real ComfyUI, queued by another client; needs one that runs.

VIDGREEN_PEER_URL is the address of a ComfyUI with the tiny models and the helper nodes and with
nothing in its queue; VIDGREEN_PEER_START the shell command that starts it again on the same port.
"""

import io
import json
import os
import subprocess
import threading
import time
import urllib.request
import uuid
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from support.wave import Wave, WaveMeter
from websockets.sync.client import connect

from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs import assembly
from vidgreen_gui.verbs.watching import watchers_for

URL = os.environ.get("VIDGREEN_PEER_URL", "")
START = os.environ.get("VIDGREEN_PEER_START", "")
WORKFLOWS = Path(__file__).parents[1] / "data" / "peer_workflows"
HALF_NS = 5 * NS_PER_S

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not URL, reason="no VIDGREEN_PEER_URL: no real server to watch"),
    pytest.mark.timeout(900),
]


class OtherClient:
    """Queues as a browser does, with its own client id, and counts what it is told."""

    def __init__(self):
        self.id = uuid.uuid4().hex
        self.heard = {}
        self.failure = None
        self._listening = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._listening.wait(10), self.failure

    def _listen(self):
        address = f"{URL.replace('http', 'ws')}/ws?clientId={self.id}"
        try:
            with connect(address, max_size=None, ping_interval=None) as socket:
                self._listening.set()
                for message in socket:
                    self._hear(message)
        except Exception as error:
            self.failure = error

    def _hear(self, message):
        if isinstance(message, str):
            told = json.loads(message)
            prompt = (told.get("data") or {}).get("prompt_id")
            if prompt:
                self.heard.setdefault(prompt, []).append(told)

    def queue(self, name, seed=None):
        graph = json.loads((WORKFLOWS / f"{name}.json").read_text())
        for node in graph.values():
            for key in ("seed", "noise_seed"):
                if (
                    key in node["inputs"]
                    and seed is not None
                    and "Encode" not in node["class_type"]
                ):
                    node["inputs"][key] = seed
        return self.queue_graph(graph)

    def queue_graph(self, graph):
        return ask("/prompt", {"prompt": graph, "client_id": self.id})["prompt_id"]

    def told(self, prompt_id, kind):
        assert self.failure is None, self.failure
        return [m for m in self.heard.get(prompt_id, []) if m["type"] == kind]


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        URL + path, data=data, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        raw = answer.read()
    return json.loads(raw) if raw else None


def wait_for(condition, timeout_s=300.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def finished(prompt_id):
    return ask(f"/history/{prompt_id}").get(prompt_id)


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """A recorder on the wave meter, watching the real server."""
    wave = Wave()
    now_ns = time.time_ns()
    wave.edges_ns = [now_ns + number * HALF_NS for number in range(2_000)]
    monkeypatch.setattr(assembly, "open_meter", lambda _spec, clock, **_: WaveMeter(clock, wave))
    paths = Paths(tmp_path / "data", tmp_path / "config")

    def watchers(clock, paths, settings, on_command):
        return watchers_for(clock, paths, settings, on_command, addresses=(URL,))

    request = assembly.RecorderRequest(paths=paths, holder="record")
    assembled = assembly.assemble(request, watchers)
    assembled.recorder.start()
    wait_for(lambda: (s := assembled.recorder.latest()) and s.sources, 30)
    yield assembled, paths, wave
    assembled.close()


def test_five_jobs_of_another_client(recording):
    assembled, paths, wave = recording
    client = OtherClient()
    jobs = {"draft": client.queue("tiny_wan_t2v_draft", seed=101)}
    wait_for(lambda: finished(jobs["draft"]))
    # At once: the server's cache holds the newest graph only.
    jobs["again"] = client.queue("tiny_wan_t2v_draft", seed=101)
    wait_for(lambda: finished(jobs["again"]))
    jobs["pair"] = client.queue("tiny_wan22_pair_lightx2v_4steps", seed=102)
    wait_for(lambda: finished(jobs["pair"]))
    jobs["failing"] = client.queue("failing")
    wait_for(lambda: finished(jobs["failing"]))
    jobs["interrupted"] = client.queue("tiny_wan_t2v_final", seed=103)
    wait_for(lambda: client.told(jobs["interrupted"], "progress"))
    ask("/interrupt", {})
    wait_for(lambda: finished(jobs["interrupted"]))
    history = {name: finished(prompt_id) for name, prompt_id in jobs.items()}
    time.sleep(4)
    assembled.close()

    reader = Reader(paths.data)
    session = find_session(reader, "last")
    facts = session_report(reader, session)
    found = {i.iteration.external_id: (c.clip.name, i) for c in facts.clips for i in c.iterations}
    got = {name: found[prompt_id][1] for name, prompt_id in jobs.items()}
    assert {name: (f.iteration.status, f.iteration.cached) for name, f in got.items()} == {
        "draft": ("completed", got["draft"].iteration.cached),
        "pair": ("completed", got["pair"].iteration.cached),
        "failing": ("failed", got["failing"].iteration.cached),
        "interrupted": ("cancelled", got["interrupted"].iteration.cached),
        "again": ("completed", "all"),
    }
    assert got["draft"].iteration.settings.steps == 20
    assert got["pair"].iteration.settings.steps == 4
    assert got["pair"].iteration.settings.evaluations == 4
    assert len(got["pair"].iteration.settings.samplers) == 2
    assert got["pair"].iteration.settings.loras
    # A cached re-run belongs to the clip of what it repeats.
    assert found[jobs["again"]][0] == found[jobs["draft"]][0]

    # The queuing client was told everything.
    assert len(client.told(jobs["draft"], "progress")) == 20
    for name in ("draft", "pair", "again"):
        assert len(client.told(jobs[name], "execution_success")) == 1, name
        assert client.told(jobs[name], "execution_start")
    assert len(client.told(jobs["failing"], "execution_error")) == 1
    assert len(client.told(jobs["interrupted"], "execution_interrupted")) == 1

    # What we saw, before the history's own times replaced it.
    run = next(r for r in reader.runs() if r.id == session.run_id)
    times = TimeMap(run)
    events = [logged.event for logged in reader.events(session.id)]
    for event in events:
        if isinstance(event, ev.ClockAnchored):
            times.anchor(event)
    for name, prompt_id in jobs.items():
        start_ms, end_ms = server_times(history[name])
        started = next(
            e for e in events
            if isinstance(e, ev.IterationStarted) and e.key.external_id == prompt_id
        )  # fmt: skip
        seen_ms = times.utc_ns(started.t_ns) / NS_PER_MS
        print(f"{name}: start seen {seen_ms - start_ms:+.0f} ms")
        if name != "again":  # it lives for milliseconds and is found in the history
            assert abs(seen_ms - start_ms) < 300
        iteration = got[name].iteration
        assert abs(iteration.started_utc_ns / NS_PER_MS - start_ms) < 2
        assert abs(iteration.ended_utc_ns / NS_PER_MS - end_ms) < 2

        expected_j = wave.energy_j(start_ms * NS_PER_MS, end_ms * NS_PER_MS)
        energy_j = got[name].energy_wh.best * 3600
        print(f"{name}: {energy_j:.2f} J, the wave {expected_j:.2f} J")
        assert energy_j == pytest.approx(expected_j, rel=0.01, abs=2.0)
    parts = [f.energy_wh.best for f in got.values()] + [facts.idle_wh.best]
    assert facts.totals.energy_wh.best == pytest.approx(sum(parts), rel=1e-6)


def upload(name):
    """Give the server a picture of one colour to start from."""
    picture = io.BytesIO()
    with av.open(picture, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb24"
        frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), len(name), np.uint8))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    mark = uuid.uuid4().hex
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = head.encode() + picture.getvalue() + f"\r\n--{mark}--\r\n".encode()
    request = urllib.request.Request(
        f"{URL}/upload/image", data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={mark}"},
    )  # fmt: skip
    urllib.request.urlopen(request, timeout=20).close()


def image_graph(image):
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "ImageScale", "inputs": {
            "image": ["1", 0], "upscale_method": "lanczos", "width": 96, "height": 96,
            "crop": "disabled"}},
        "3": {"class_type": "SaveImage", "inputs": {
            "images": ["2", 0], "filename_prefix": "ComfyUI"}},
    }  # fmt: skip


def server_times(job):
    stamps = {name: body["timestamp"] for name, body in job["status"]["messages"]}
    ends = ("execution_success", "execution_error", "execution_interrupted")
    return stamps["execution_start"], next(stamps[e] for e in ends if e in stamps)


def test_two_start_images_under_one_default_prefix_are_two_clips(recording):
    """Queued with the graph of a draft whose prefix is ComfyUI's own default."""
    assembled, *_ = recording
    client = OtherClient()
    for image in ("dog.png", "cat.png"):
        upload(image)
        prompt_id = client.queue_graph(image_graph(image))
        wait_for(lambda prompt_id=prompt_id: finished(prompt_id))
    time.sleep(3)
    facts = assembled.recorder.latest().session
    assert sorted(clip.clip.name for clip in facts.clips) == ["cat", "dog"]


@pytest.mark.skipif(not START, reason="no VIDGREEN_PEER_START: the server cannot be restarted")
def test_a_killed_server_ends_its_job_as_unknown_and_is_found_again(recording):
    assembled, *_ = recording
    client = OtherClient()
    prompt_id = client.queue("tiny_wan_t2v_final", seed=int(time.time()))
    wait_for(lambda: client.told(prompt_id, "progress"))
    port = int(URL.rsplit(":", 1)[1])
    victim = next(c.pid for c in psutil.net_connections("tcp")
                  if c.status == psutil.CONN_LISTEN and c.laddr.port == port)  # fmt: skip
    psutil.Process(victim).kill()

    def source():
        return assembled.recorder.latest().sources[0].state

    wait_for(lambda: source() == "lost", 60)
    subprocess.run(START, shell=True, check=True, timeout=300)
    back = time.monotonic()
    wait_for(lambda: source() != "lost", 60)
    assert time.monotonic() - back < 30

    def status():
        facts = assembled.recorder.latest().session
        return next(i.iteration.status for c in facts.clips for i in c.iterations
                    if i.iteration.external_id == prompt_id)  # fmt: skip

    wait_for(lambda: status() != "running", 90)
    assert status() == "unknown"
