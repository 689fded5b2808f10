"""What stands before every page: who may ask, for what, how much and how long; and what every answer is told to be.

1. A server on the loopback answers only to loopback names: a page of another site cannot reach it under a name of its
   own that was made to point here.
2. Anywhere else each request carries the token, as a bearer's or as the password of HTTP's basic sign-in.
3. What changes anything is asked with POST, and from pages of this server only.
4. A body has a size, a request a time, both small.
"""

import asyncio
import base64
import binascii
import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard", "is_loopback"]

BODY = 1_000_000
"""Bytes of the largest body."""
SECONDS = 60.0
"""How long a request may take, its body's arrival included."""
_EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Of an empty style element: plotly makes one and fills it by script."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        f"style-src-elem 'self' {_EMPTY}",
        "style-src-attr 'unsafe-inline'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = frozenset({"GET", "HEAD"})


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine's own, reachable from nowhere else."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class _TooLarge(Exception):
    pass


class Guard:
    """The middleware around the whole application.

    Parameters
    ----------
    token
        What every request must carry; ``None`` on the loopback.
    """

    def __init__(self, app: ASGIApp, *, token: str | None = None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on within its limits."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        told = _Told(send)
        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, told)
            return
        await self._within(scope, receive, told)

    async def _within(self, scope: Scope, receive: Receive, told: "_Told") -> None:
        try:
            async with asyncio.timeout(SECONDS):
                await self._app(scope, _Measured(receive), told)
        except _TooLarge:
            await _late(scope, receive, told, 413, f"the body is larger than {BODY:,} bytes; send a smaller one.")
        except TimeoutError:
            await _late(scope, receive, told, 503, f"this took longer than {SECONDS:.0f} seconds; ask again.")

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        if self._token is not None and not _carries(headers.get("authorization", ""), self._token):
            asked = {"WWW-Authenticate": 'Basic realm="overshort", charset="UTF-8"'}
            return PlainTextResponse("this server needs its token: sign in with it as password.\n", 401, asked)
        if self._token is None and not _is_own(headers.get("host", "")):
            text = "this server answers only to loopback names; open it as http://127.0.0.1 with its port.\n"
            return PlainTextResponse(text, 421)
        if method not in SAFE and not _is_same_site(headers):
            return PlainTextResponse("this request comes from a page of another site and is refused.\n", 403)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > BODY:
            return PlainTextResponse(f"the body is larger than {BODY:,} bytes; send a smaller one.\n", 413)
        return None


class _Told:
    """A send that adds the headers of :data:`HEADERS`, and remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


class _Measured:
    """A receive that lets no body grow beyond :data:`BODY`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > BODY:
            raise _TooLarge
        return message


async def _late(scope: Scope, receive: Receive, told: _Told, status: int, text: str) -> None:
    """Answer in place of an application that was cut short; what has begun to be sent stays as it is."""
    if not told.begun:
        await PlainTextResponse(f"{text}\n", status, {"Connection": "close"})(scope, receive, told)


def _is_own(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


def _carries(authorization: str, token: str) -> bool:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())


def _is_same_site(headers: Headers) -> bool:
    """A browser says where a request comes from; a program that says nothing is no page of anybody."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
