"""A small ComfyUI to talk to the state machine: messages, bodies, a clock turned by hand."""

import json
from pathlib import Path

from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.answers import decode_history, decode_queue
from vidgreen_gui.watchers.comfyui.questions import AskJob, AskQueue
from vidgreen_gui.watchers.comfyui.reducer import Reducer
from vidgreen_gui.watchers.comfyui.times import Moment
from vidgreen_gui.watchers.comfyui.transcript import play, read_transcript

DATA = Path(__file__).resolve().parent.parent / "data" / "comfyui"
UTC_NS = 1_795_298_696_000_000_000
MS = 1_000_000
S = 1_000_000_000


def transcript(name):
    with (DATA / f"{name}.ndjson").open(encoding="utf-8") as lines:
        return read_transcript(lines)


def played(name, **how):
    return [event for _, events in play(transcript(name), **how) for event in events]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def graph(steps=20, seed=1):
    return {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "wan2.1_1.3B_fp16.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["9", 0]}},
        "9": {"class_type": "CLIPLoader", "inputs": {"clip_name": "umt5.safetensors"}},
        "4": {
            "class_type": "EmptyHunyuanLatentVideo",
            "inputs": {"width": 832, "height": 480, "length": 33, "batch_size": 1},
        },
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": seed, "steps": steps, "cfg": 6.0, "sampler_name": "euler",
                "scheduler": "simple", "denoise": 1.0, "model": ["1", 0], "positive": ["2", 0],
                "negative": ["2", 0], "latent_image": ["4", 0],
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["7", 0]}},
        "7": {"class_type": "VAELoader", "inputs": {"vae_name": "wan.safetensors"}},
        "57": {"class_type": "CreateVideo", "inputs": {"images": ["8", 0], "fps": 16.0}},
        "58": {
            "class_type": "SaveVideo",
            "inputs": {"video": ["57", 0], "filename_prefix": "video/fox"},
        },
    }  # fmt: skip


def item(prompt_id, steps=20):
    return [1, prompt_id, graph(steps), {"client_id": "theirs", "create_time": 1}, ["58"]]


class Peer:
    """A ComfyUI server in a few lines: what it runs, what it remembers, what it says."""

    def __init__(self, skew_ms=0):
        self.skew_ms = skew_ms
        self.running, self.pending = [], []
        self.history = {}

    def status(self):
        left = len(self.running) + len(self.pending)
        return {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": left}}}}

    def queue_body(self):
        return {"queue_running": self.running, "queue_pending": self.pending}

    def finish(self, prompt_id, start_ms, end_ms, verdict="execution_success", cached=()):
        """Move a prompt to the history, with the server's own clock on it."""
        entry = next(one for one in self.running + self.pending if one[1] == prompt_id)
        self.running = [one for one in self.running if one[1] != prompt_id]
        self.pending = [one for one in self.pending if one[1] != prompt_id]
        said = {"prompt_id": prompt_id}
        messages = [
            ["execution_start", {**said, "timestamp": start_ms + self.skew_ms}],
            ["execution_cached", {**said, "nodes": list(cached), "timestamp": start_ms}],
            [verdict, {**said, "timestamp": end_ms + self.skew_ms}],
        ]
        good = verdict == "execution_success"
        files = [{"filename": f"{prompt_id}.mp4", "subfolder": "video", "type": "output"}]
        self.history[prompt_id] = {
            "prompt": entry,
            "outputs": {"58": {"images": files, "animated": [True]}} if good else {},
            "status": {"status_str": "success" if good else "error", "messages": messages},
        }


class Watch:
    """A reducer in front of a peer, with time turned by hand; collects the events."""

    def __init__(self, peer, is_local=True, round_trip_ms=2):
        self.peer = peer
        self.reducer = Reducer("comfyui:test", is_local=is_local)
        self.reducer.clock.note_round_trip(round_trip_ms * MS)
        self.now_ns = 100 * S
        self.events = []
        self.asked = []

    def at(self):
        return Moment(self.now_ns, UTC_NS + self.now_ns)

    def server_ms(self):
        return (UTC_NS + self.now_ns) // MS

    def wait(self, seconds):
        self.now_ns += round(seconds * S)
        return self

    def connect(self):
        self.reducer.connected(self.at())
        return self.hear(self.peer.status()).ask()

    def hear(self, message):
        decoded = wire.decode(json.dumps(message).encode())
        assert not isinstance(decoded, wire.Refused), message
        self.events += self.reducer.hear(self.at(), decoded)
        return self

    def log(self, text, at_ns=None):
        moment = UTC_NS + (self.now_ns if at_ns is None else at_ns)
        from datetime import UTC, datetime

        stamp = datetime.fromtimestamp(moment / S, UTC).replace(tzinfo=None).isoformat()
        return self.hear({"type": "logs", "data": {"entries": [{"t": stamp, "m": text}]}})

    def ask(self):
        """Answer every question that is due."""
        self.events += self.reducer.tick(self.at())
        while (question := self.reducer.next_question(self.at())) is not None:
            self.asked.append(question)
            self.events += self.answer(question)
        return self

    def answer(self, question):
        at = self.at()
        match question:
            case AskQueue():
                body = json.dumps(self.peer.queue_body()).encode()
                return self.reducer.answer_queue(at, decode_queue(body))
            case AskJob(prompt_id):
                known = self.peer.history.get(prompt_id)
                body = json.dumps({prompt_id: known} if known else {}).encode()
                return self.reducer.answer_job(at, prompt_id, decode_history(body))
            case _:
                newest = dict(list(self.peer.history.items())[-question.limit :])
                body = json.dumps(newest).encode()
                return self.reducer.answer_recent(at, decode_history(body))

    def of(self, kind):
        return of(kind, self.events)
