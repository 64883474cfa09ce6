"""An event loop in a thread of its own, for callers that have none."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from vidgreen_gui.system.event_loop import EventLoop

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for any thread, side by side; each caller waits for its own."""

    def __init__(self, name: str) -> None:
        self._loop = EventLoop()
        self._closed = False
        self._asking = threading.Lock()
        # A daemon: an answer that never comes must not keep the process alive.
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what `coroutine` returns, or raise what it raises.

        Raise CancelledError where the thread is closed before that.
        """
        with self._asking:
            if self._closed:
                coroutine.close()
                raise CancelledError
            answer = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return answer.result()

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Cancel what still runs, run `last` and end the thread."""
        with self._asking:
            # Nothing can come after this: what came before is there to be cancelled.
            self._closed = True
        asyncio.run_coroutine_threadsafe(self._end(last), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self, last: Coroutine[Any, Any, None]) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await last
