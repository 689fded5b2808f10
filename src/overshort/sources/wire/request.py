"""What is asked of a server, what it answers, and where each source's servers are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from overshort.errors import UsageError

__all__ = ["Answer", "Pace", "Request", "Unchanged", "Wire", "check_base", "is_loopback", "moved"]

LARGEST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question.

    Attributes
    ----------
    absent
        Statuses by which this server says that it has nothing for that date.
    page
        A web page is what is asked for: elsewhere one is refused, for it stands where data should.
    largest
        Bytes beyond which an answer is refused.
    conditional
        Ask only whether it changed since the last time, where the server can tell.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    absent: Collection[int] = (404,)
    page: bool = False
    largest: int = LARGEST
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole; header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Unchanged(Exception):
    """The server says that nothing changed since the last time: no error, and nothing to take."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the seam knows it: a clock that only runs forward, and a way to wait."""

    ticks: Callable[[], float]
    wait: Callable[[float], None]


class Wire(Protocol):
    """What a source's requests go through.

    Attributes
    ----------
    keys
        Keys of services, by the name of their environment variable.
    members
        Symbols of the members of the S&P 500 and the Nasdaq-100, as the store has them.
    kept
        What a run of one source asks for once and uses again.
    """

    @property
    def keys(self) -> Mapping[str, str]: ...

    @property
    def members(self) -> frozenset[str]: ...

    @property
    def kept(self) -> dict[str, Any]: ...

    def ask(self, request: Request) -> Answer:
        """Ask one question over HTTPS."""

    def retrieve(self, urls: Sequence[str], *, largest: int = LARGEST) -> bytes:
        """Get a file over FTP, from the first server that gives it."""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_base(source: str, base: str, *, ftp: bool) -> str:
    """Check the address of a mirror.

    Raises
    ------
    UsageError
        If it is not https (or ftp where the source is), and not plain http on this machine.
    """
    try:
        parts = urlsplit(base)
        _ = parts.port
    except ValueError:
        raise UsageError(f"--base-url {source}={base} is no address; give one such as https://mirror.example") from None
    usual, plain = ("ftp", "ftp") if ftp else ("https", "http")
    fine = parts.scheme == usual or (parts.scheme == plain and is_loopback(parts.hostname or ""))
    if not fine or not parts.hostname or parts.query or parts.username:
        cause = f"--base-url {source}={base} is neither {usual}://HOST nor {plain}:// on this machine"
        raise UsageError(f"{cause}; give one such as {usual}://mirror.example")
    return base.rstrip("/")


def moved(url: str, base: str | None) -> str:
    """Give the address at a mirror: another host, the same path."""
    if base is None:
        return url
    parts = urlsplit(url)
    return f"{base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
