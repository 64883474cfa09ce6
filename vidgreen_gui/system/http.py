"""The one place that opens an HTTP client: deadlines, a size limit, the system's trust, no cookies.

Certificates are always verified, against the system's own trust. Redirects are not followed: what
a caller asks is what it is answered. Everything that goes wrong on the way is a SourceFault.
"""

import asyncio
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from vidgreen_gui.model.faults import SourceFault

if TYPE_CHECKING:
    import httpx2

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered; `body` is whole, header names are lower case."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def is_html(self) -> bool:
        """Return whether this is a web page, whatever was asked for."""
        opening = self.body[:64].lstrip().lower()
        return "html" in self.headers.get("content-type", "") or opening.startswith(
            (b"<!doctype", b"<html")
        )


class Http:
    """An HTTP client, opened by `async with`.

    `through_proxies` obeys the proxy settings of the environment: not for servers on this host.
    """

    def __init__(
        self, *, connect_s: float = 5.0, read_s: float = 30.0, through_proxies: bool = False
    ) -> None:
        self._connect_s = connect_s
        self._read_s = read_s
        self._through_proxies = through_proxies
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        # Imported here: a window is painted long before the first request.
        import httpx2

        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(self._read_s, connect=self._connect_s),
            trust_env=self._through_proxies,
            headers={"user-agent": "VidGreen", "accept-encoding": "gzip"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: object = None,
        headers: dict[str, str] | None = None,
        max_bytes: int = 5 * MEGABYTE,
    ) -> Reply:
        """Return the answer, whatever its status.

        Raise SourceFault: fault.source.refused, .timeout, .tls, .network or .too_large, each
        with the address that was meant. The whole exchange has twice the time of one read.
        """
        import httpx2

        if self._client is None:
            raise RuntimeError("the client is not open")
        address = urlsplit(url).netloc.rpartition("@")[2]
        try:
            async with (
                asyncio.timeout(self._connect_s + 2 * self._read_s),
                self._client.stream(method, url, json=json, headers=headers) as response,
            ):
                body = await _read(response, address, max_bytes)
                return Reply(response.status_code, body, dict(response.headers))
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SourceFault("fault.source.timeout", address=address) from error
        except httpx2.ConnectError as error:
            raise connection_fault(error, address) from error
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
            detail = type(error).__name__
            raise SourceFault("fault.source.network", address=address, detail=detail) from error


async def _read(response: "httpx2.Response", address: str, max_bytes: int) -> bytes:
    parts = []
    left = max_bytes
    async for part in response.aiter_bytes():
        left -= len(part)
        if left < 0:
            limit_mb = max_bytes // MEGABYTE
            raise SourceFault("fault.source.too_large", address=address, limit_mb=limit_mb)
        parts.append(part)
    return b"".join(parts)


def connection_fault(error: BaseException, address: str) -> SourceFault:
    """Return why no connection came about, read from the causes of `error`."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            detail = getattr(cause, "verify_message", "") or cause.reason or "TLS"
            return SourceFault("fault.source.tls", address=address, detail=str(detail))
        if isinstance(cause, ConnectionRefusedError):
            return SourceFault("fault.source.refused", address=address)
        cause = cause.__cause__ or cause.__context__
    # Several addresses of one name, all refused, come as one plain error.
    if "refused" in str(error).lower() or "all connection attempts" in str(error).lower():
        return SourceFault("fault.source.refused", address=address)
    detail = str(error) or type(error).__name__
    return SourceFault("fault.source.network", address=address, detail=detail[:200])
