"""An asyncio event loop that looks names up without holding up the end of the process."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

if sys.platform == "win32":
    from asyncio import ProactorEventLoop as PlatformLoop
else:
    from asyncio import SelectorEventLoop as PlatformLoop


class EventLoop(PlatformLoop):
    """The platform's own loop, whose questions to a name server may be left unanswered.

    The executor that asyncio asks with is joined when the interpreter ends: with a name server
    that does not answer, quitting would take as long as its patience, half a minute and more.
    """

    async def getaddrinfo(
        self,
        host: Any,  # noqa: ANN401
        port: Any,  # noqa: ANN401
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:  # noqa: ANN401
        """Return what `socket.getaddrinfo` does, or raise its OSError."""
        found: asyncio.Future[Any] = self.create_future()

        def settle(use: Callable[[Any], None], outcome: object) -> None:
            if not found.done():
                use(outcome)

        def tell(use: Callable[[Any], None], outcome: object) -> None:
            # Nobody waits any more once the loop is closed.
            with suppress(RuntimeError):
                self.call_soon_threadsafe(settle, use, outcome)

        def look_up() -> None:
            try:
                told = socket.getaddrinfo(host, port, family, type, proto, flags)
            except (OSError, UnicodeError) as error:
                tell(found.set_exception, error)
            else:
                tell(found.set_result, told)

        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        return await found
