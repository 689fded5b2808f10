"""A publisher's server on this machine, with whatever faults a test wants."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Handler", "Heard", "Publisher", "Reply", "serving"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does.

    Attributes
    ----------
    said
        Length that the head claims; the body's own where left out.
    pieces
        In how many pieces the body is sent, one after another.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    said: int | None = None
    pieces: int = 1


Handler = Callable[[Heard], Reply]


@dataclass(slots=True)
class Publisher:
    """A running server: its address, what it does by the first part of a path, and what it heard."""

    url: str
    handlers: dict[str, Handler] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def answer(self, heard: Heard) -> Reply:
        first, _, rest = heard.path.lstrip("/").partition("/")
        handler = self.handlers.get(first)
        if handler is None:
            return Reply(404)
        return handler(Heard(heard.method, f"/{rest}", heard.query, heard.headers, heard.body))


def _class(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handles(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {k.lower(): v for k, v in self.headers.items()}
            heard = Heard(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            publisher.heard.append(heard)
            self._send(publisher.answer(heard))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status not in (204, 304):
                self.send_header("Content-Length", str(len(reply.body) if reply.said is None else reply.said))
            self.end_headers()
            step = max(1, len(reply.body) // reply.pieces)
            for at in range(0, len(reply.body), step):
                self.wfile.write(reply.body[at : at + step])
                self.wfile.flush()
            if reply.said is not None:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handles


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Publisher]:
    """Run a server on a free port of this machine, over TLS with a certificate nobody trusts where one is given."""
    publisher = Publisher("")
    server = _Quiet(("127.0.0.1", 0), _class(publisher))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    publisher.url = f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
