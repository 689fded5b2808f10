"""A receiver of alerts on this machine that drops keys it has seen, and fails as a test wants."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Receiver", "receiving"]


Step = int | str | Callable[[], None]


@dataclass(slots=True)
class Receiver:
    """What was received.

    Attributes
    ----------
    plan
        What to do with the next requests: a status; ``drop`` (take it and close without an answer); ``wait`` (take it
        and answer nothing until ``go``); or something to call before the answer 200.
    keys
        Key of every request that was answered 2xx, repeats included.
    seen
        Body of the first request of each key, dropped requests included: a receiver may act before it answers.
    """

    url: str = ""
    plan: list[Step] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    came: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        own = self.receiver
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        own.heads.append(dict(self.headers.items()))
        step = own.plan.pop(0) if own.plan else 200
        if step in ("drop", "wait"):
            own.seen.setdefault(key, body)
            own.came.set()
            if step == "wait":
                own.go.wait(20)
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if callable(step):
            step()
        status = step if isinstance(step, int) else 200
        if status < 300:
            own.seen.setdefault(key, body)
            own.keys.append(key)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def receiving(*plan: Step) -> Iterator[Receiver]:
    """Run a receiver; without a plan, or after it, every request is answered 200."""
    own = Receiver(plan=list(plan))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": own}))
    own.url = f"http://127.0.0.1:{server.server_address[1]}/hook/s3cret-path?token=s3cret-query"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield own
    finally:
        own.go.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
