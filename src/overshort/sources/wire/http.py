"""Requests over HTTPS; this module alone owns ``httpx2`` and ``stamina``.

1. Only https, and only the hosts that the source declares; plain http only to a mirror on this machine.
2. Wait until the host may be asked again.
3. Read the answer in pieces: refuse it when it grows too large or takes too long as a whole.
4. Ask again, a few times, where that can help: no connection, half an answer, a busy server, one that asks to wait.
5. Refuse what stands where data should: a web page, nothing at all, a redirect to another host.
"""

import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina

from overshort.edition import __version__
from overshort.errors import BadAnswer, FetchError, Limited, NotPublished, Unreachable
from overshort.sources.wire.request import Answer, Pace, Request, Unchanged, is_loopback, moved

__all__ = ["Http"]

stamina.instrumentation.set_on_retry_hooks([])  # its own would log to standard error

ATTEMPTS = 4
WHOLE = 180.0
"""Seconds within which an answer has to be here as a whole."""
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
PATIENCE = 120.0
"""Seconds that a server may ask to wait; for longer ones, run the command again later."""
HOPS = 3
PAGE = (b"<!doctype", b"<html", b"<?xml version")
BANNED, NO_DATA, STARTING = 444, 472, 571
"""Statuses of single services: a ban by address, nothing for that date, a terminal that is not up yet."""


class Http:
    """A client for the servers of one source.

    Parameters
    ----------
    hosts
        The hosts that the source declares.
    pace
        The clock and the way to wait.
    every
        Seconds between two requests to one host.
    agent
        The user agent to send; the program's own name where empty.
    base
        Address of a mirror that stands for all hosts.
    versions
        By address, what the server said about the version of the answer that is in the store.
    """

    def __init__(
        self,
        hosts: frozenset[str],
        pace: Pace,
        *,
        every: float,
        agent: str = "",
        base: str | None = None,
        versions: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._hosts = hosts if base is None else frozenset({urlsplit(base).hostname or ""})
        self._base = base
        self._pace = pace
        # A mirror on this machine is nobody's server.
        self._local = base is not None and is_loopback(urlsplit(base).hostname or "")
        self._every = 0.0 if self._local else every
        self._next: dict[str, float] = {}
        self._versions = {} if versions is None else versions
        self.seen: dict[str, dict[str, str]] = {}
        self._client = httpx2.Client(
            headers={"User-Agent": agent or f"overshort/{__version__}", "Accept": "*/*"},
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=not self._local,
            verify=_trusted(),
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def ask(self, request: Request) -> Answer:
        """Ask one question, again where that can help.

        Raises
        ------
        NotPublished, Limited, Unreachable, BadAnswer
            If the server has nothing, asks to wait longer than is bearable, does not answer, or answers otherwise.
        Unchanged
            If the request is conditional and nothing changed.
        """
        after = 0.0
        retries = stamina.retry_context(
            on=_worth_asking_again, attempts=ATTEMPTS, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
        )
        for attempt in retries:
            with attempt:
                if attempt.num > 1:  # waited for here, by the pace given, and not inside the library
                    self._pace.wait(after)
                try:
                    return self._once(request)
                except (Limited, Unreachable) as error:
                    after = _pause(error, attempt.num)
                    raise
        raise AssertionError("a retry ends in an answer or an error")

    def tell(self, request: Request) -> int:
        """Tell a server something, once; the status of its answer is all that is read.

        Raises
        ------
        Unreachable
            If no answer came.
        BadAnswer
            If the address is neither https nor on this machine.
        """
        self._check(request.url)
        asked = self._client.stream(request.method, request.url, headers=request.headers, content=request.body)
        try:
            with asked as response:
                return response.status_code
        except httpx2.HTTPError as error:
            raise _unreachable(request.url, error) from None

    def _once(self, request: Request) -> Answer:
        url = moved(request.url, self._base)
        for _ in range(HOPS + 1):
            answer = self._send(request, url)
            if (target := _target(answer)) is None:
                return _checked(request, answer)
            url = self._followed(url, target)
        raise BadAnswer(f"{_short(request.url)} redirects in a circle; see the publisher's page for the new address")

    def _followed(self, url: str, target: str) -> str:
        there = urljoin(url, target)
        if urlsplit(there).hostname not in self._hosts:
            cause = f"{_short(url)} redirects to another host, {_short(there)}, which is not followed"
            raise BadAnswer(f"{cause}; the publisher may have moved it: see its page for the new address")
        return there

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and self._local and is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not plain:
            raise BadAnswer(f"{_short(url)} is not https and is not asked; give a mirror with --base-url")
        if parts.hostname not in self._hosts:
            raise BadAnswer(f"{_short(url)} is on no host that this source declares; give a mirror with --base-url")

    def _send(self, request: Request, url: str) -> Answer:
        self._check(url)
        self._wait_turn(urlsplit(url).hostname or "")
        start = self._pace.ticks()
        headers = {**request.headers, **self._conditions(request)}
        query = dict(request.query) or None
        try:
            with self._client.stream(
                request.method, url, params=query, headers=headers, content=request.body
            ) as response:
                body = self._body(response, request, start)
                found = Answer(url, response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except httpx2.HTTPError as error:
            raise _unreachable(url, error) from None
        self._remember(request, found)
        return found

    def _body(self, response: httpx2.Response, request: Request, start: float) -> bytes:
        said = response.headers.get("content-length", "")
        if said.isdecimal() and int(said) > request.largest:
            raise _too_large(request, int(said))
        pieces, size = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > request.largest:
                raise _too_large(request, size)
            if self._pace.ticks() - start > WHOLE:
                cause = f"{_short(request.url)} gave {size:,} bytes in {WHOLE:.0f} seconds and had not ended"
                raise Unreachable(f"{cause}; run the command again later", again=False)
        return b"".join(pieces)

    def _wait_turn(self, host: str) -> None:
        now = self._pace.ticks()
        if (left := self._next.get(host, now) - now) > 0:
            self._pace.wait(left)
        self._next[host] = max(self._next.get(host, now), now) + self._every

    def _conditions(self, request: Request) -> Mapping[str, str]:
        known = self._versions.get(request.url, {}) if request.conditional else {}
        names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        return {names[k]: v for k, v in known.items() if k in names}

    def _remember(self, request: Request, answer: Answer) -> None:
        """Note what the server says about the version; it counts once its content is in the store."""
        if request.conditional and answer.status == httpx2.codes.OK:
            self.seen[request.url] = {k: v for k, v in answer.headers.items() if k in ("etag", "last-modified")}


@cache
def _trusted() -> ssl.SSLContext:
    """Read the certificates that are trusted, once a process."""
    return httpx2.create_ssl_context()


def _worth_asking_again(error: Exception) -> bool:
    return isinstance(error, Limited | Unreachable) and error.again


def _pause(error: Limited | Unreachable, attempt: int) -> float:
    """Give the seconds until the next attempt: as the server says, else 2, 4, 8."""
    said = error.after if isinstance(error, Limited) else None
    return 2.0**attempt if said is None else said


def _short(url: str) -> str:
    """Give an address without its query, in which keys may stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _too_large(request: Request, size: int) -> BadAnswer:
    cause = f"{_short(request.url)} gives {size:,} bytes or more where at most {request.largest:,} are expected"
    return BadAnswer(f"{cause}; it is not what was asked for")


def _unreachable(url: str, error: httpx2.HTTPError) -> FetchError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            fix = "check this machine's date, or set SSL_CERT_FILE where a proxy has a certificate of its own"
            return Unreachable(f"the certificate of {_short(url)} cannot be verified ({cause}); {fix}", again=False)
        cause = cause.__cause__ or cause.__context__
    what = type(error).__name__ if not str(error) else str(error)
    return Unreachable(f"{_short(url)} cannot be reached ({what}); check the connection and run the command again")


def _target(answer: Answer) -> str | None:
    return answer.headers.get("location") if answer.status in (301, 302, 303, 307, 308) else None


def _checked(request: Request, answer: Answer) -> Answer:
    where, status = _short(request.url), answer.status
    if status == httpx2.codes.NOT_MODIFIED:
        raise Unchanged
    if status in request.absent or status in (httpx2.codes.NO_CONTENT, NO_DATA):
        raise NotPublished(f"{where} has nothing for this date (status {status}); it may come later")
    if status != httpx2.codes.OK:
        raise _failure(where, answer)
    if not answer.body.strip():
        raise BadAnswer(f"{where} answered with nothing; run the command again later")
    if not request.page and answer.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGE):
        raise BadAnswer(f"{where} answered with a web page where data should be; the publisher may have moved it")
    return answer


def _failure(where: str, answer: Answer) -> FetchError:
    status = answer.status
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return _limited(where, answer)
    if status == httpx2.codes.NOT_ACCEPTABLE:
        return Limited(f"{where} asks for fewer requests (status 406); run again in a few minutes", again=False)
    if status == BANNED:
        return Limited(f"{where} bars this address for a while (status 444); run again in some hours", again=False)
    if status == STARTING:
        return Unreachable(f"{where} is starting (status 571); run the command again in a minute")
    if status >= 500:
        return Unreachable(f"{where} has a fault (status {status}); run the command again later")
    if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return BadAnswer(f"{where} refuses this request (status {status}); check the key, or who user_agent says asks")
    return BadAnswer(f"{where} answered with status {status}; the publisher may have moved it")


def _limited(where: str, answer: Answer) -> Limited:
    said = answer.headers.get("retry-after", "")
    after = float(said) if said.isdecimal() else None
    if after is not None and after > PATIENCE:
        return Limited(f"{where} asks to come again in {after:,.0f} seconds (status 429); do", after=after, again=False)
    return Limited(f"{where} asks for fewer requests (status 429); run again in a few minutes", after=after)
