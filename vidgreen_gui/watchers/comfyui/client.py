"""Asks one ComfyUI server over HTTP; what it answers comes back by type or as a SourceFault."""

from urllib.parse import quote

import msgspec

from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.system.address import refuse_hidden_link_local
from vidgreen_gui.system.http import MEGABYTE, Http, Reply
from vidgreen_gui.watchers.comfyui.address import Address
from vidgreen_gui.watchers.comfyui.answers import (
    History,
    Queue,
    SystemStats,
    decode_history,
    decode_queue,
    decode_system_stats,
)
from vidgreen_gui.watchers.comfyui.wire import MALFORMED, LogEntry, Logs

# Sixty-four jobs with their browser graphs; a queue of hundreds.
_LARGEST_ANSWER = 64 * MEGABYTE
_LOGS = msgspec.json.Decoder(Logs)


class Client:
    """The routes of one server that a watcher needs. Every method raises SourceFault."""

    def __init__(self, http: Http, address: Address) -> None:
        self._http = http
        self._address = address

    async def stats(self) -> SystemStats:
        """Return what the server is; raise .html or .not_comfyui where it is something else."""
        await refuse_hidden_link_local(self._address.host, self._address.text)
        reply = await self._ask("GET", "/system_stats", refuse=False)
        if reply.status in {401, 403, 407} or reply.status >= 500:
            raise self._fault("status", status=reply.status)
        stats = decode_system_stats(reply.body) if reply.status == 200 else None
        if stats is None:
            raise self._fault("html" if reply.is_html else "not_comfyui")
        return stats

    async def queue(self) -> Queue:
        """Return what runs and waits."""
        reply = await self._ask("GET", "/queue")
        queue = decode_queue(reply.body)
        if queue is None:
            raise self._fault("unreadable")
        return queue

    async def job(self, prompt_id: str) -> History:
        """Return the history of one prompt, empty while it runs and where it is not known."""
        return self._history(await self._ask("GET", f"/history/{quote(prompt_id, safe='')}"))

    async def recent(self, limit: int) -> History:
        """Return the newest finished jobs, never more than `limit`: each is a whole prompt."""
        return self._history(await self._ask("GET", f"/history?max_items={limit}"))

    async def subscribe_to_log(self, client_id: str) -> list[LogEntry]:
        """Have the log sent to our own socket; return what is left of it from before."""
        body = {"clientId": client_id, "enabled": True}
        await self._ask("PATCH", "/internal/logs/subscribe", json=body)
        reply = await self._ask("GET", "/internal/logs/raw")
        try:
            return _LOGS.decode(reply.body).entries
        except MALFORMED as error:
            raise self._fault("unreadable") from error

    async def free_models(self) -> None:
        """Have the server let go of its models and their memory, once it does no work."""
        await self._ask("POST", "/free", json={"unload_models": True, "free_memory": True})

    async def _ask(
        self, method: str, route: str, *, json: object = None, refuse: bool = True
    ) -> Reply:
        reply = await self._http.request(
            method, self._address.http(route), json=json, max_bytes=_LARGEST_ANSWER
        )
        if refuse and reply.status != 200:
            raise self._fault("status", status=reply.status)
        return reply

    def _history(self, reply: Reply) -> History:
        history = decode_history(reply.body)
        if history is None:
            raise self._fault("unreadable")
        return history

    def _fault(self, kind: str, **more: int) -> SourceFault:
        return SourceFault(f"fault.source.{kind}", address=self._address.text, **more)
