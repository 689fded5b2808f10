"""Where alerts go: standard output, a web hook, a service that Apprise knows."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from overshort.errors import FetchError, UsageError
from overshort.sources.wire.http import Http
from overshort.sources.wire.notify import notifier
from overshort.sources.wire.request import Pace, Request, is_loopback
from overshort.store.outbox import Letter

__all__ = ["STDOUT", "Destination", "destination", "masked"]

STDOUT = "stdout"


@dataclass(frozen=True, slots=True)
class Destination:
    """One place to send to.

    Attributes
    ----------
    name
        What the outbox calls it: a hash, so that no address with a key in it is ever written to the disk.
    shown
        Its address without what is secret.
    send
        Send a letter; gives nothing once it was taken, and else why it was not.
    """

    name: str
    shown: str
    send: Callable[[Letter], str | None]


def masked(url: str) -> str:
    """Give an address for a log: of a web hook scheme and host alone, of another service only what it is."""
    if url == STDOUT:
        return url
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https"):
        return f"{scheme}://…" if rest else "…"
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0].rpartition('@')[2]}/…"


def destination(url: str, pace: Pace, say: Callable[[Letter], None]) -> Destination:
    """Read one ``--to``.

    Parameters
    ----------
    say
        Writes a letter on standard output.

    Raises
    ------
    UsageError
        If it is no https address, no http address on this machine, no address that Apprise knows, and not ``stdout``.
    """
    shown = masked(url)
    send = _said(say) if url == STDOUT else _hook(url, pace) if _is_web(url) else _service(url, shown)
    return Destination(STDOUT if url == STDOUT else sha256(url.encode()).hexdigest()[:16], shown, send)


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _said(say: Callable[[Letter], None]) -> Callable[[Letter], str | None]:
    def send(letter: Letter) -> None:
        say(letter)

    return send


def _hook(url: str, pace: Pace) -> Callable[[Letter], str | None]:
    shown = masked(url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"--to {shown} is no address; give one such as https://hooks.example/path")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"--to {shown} is plain http to another machine, which anybody could read; give https")
    # The seam takes plain http for a mirror on this machine alone.
    base = f"{parts.scheme}://{parts.netloc}" if is_loopback(host) else None
    http = Http(frozenset({host}), pace, every=0.0, base=base)

    def send(letter: Letter) -> str | None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": letter["key"]}
        body = json.dumps(dict(letter), ensure_ascii=False, allow_nan=False).encode()
        try:
            status = http.tell(Request(url=url, method="POST", headers=headers, body=body))
        except FetchError as error:
            return str(error).replace(_named(url), shown)
        return None if 200 <= status < 300 else f"{shown} answered with status {status}"

    return send


def _named(url: str) -> str:
    """Give an address as the seam's errors write it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _service(url: str, shown: str) -> Callable[[Letter], str | None]:
    if "://" not in url:
        raise UsageError(
            f"--to {shown} is neither {STDOUT}, nor https://…, nor an address of Apprise; give one of them"
        )
    notify = notifier(url, shown)

    def send(letter: Letter) -> str | None:
        title = f"overshort: {letter['rule']}, {letter['subject']}: {letter['verdict']}"
        taken = notify(title, f"{letter['text']}\n\nIdempotency-Key: {letter['key']}", letter["key"])
        return None if taken else f"{shown} did not take it"

    return send
