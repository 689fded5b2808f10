"""The one way out: what it sends, what it refuses, how long it waits, and what it makes of each kind of answer."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort import __version__
from overshort.errors import BadAnswer, Limited, NotPublished, Unreachable, UsageError
from overshort.sources.wire import Request, Unchanged
from overshort.sources.wire.http import Http
from overshort.sources.wire.request import check_base, is_loopback, moved
from publishers.running import Watch
from publishers.server import Heard, Publisher, Reply, serving

CERTIFICATE = Path(__file__).parents[2] / "publishers" / "untrusted.pem"
URL = "https://publisher.example/a/b.csv"
HOSTS = frozenset({"publisher.example"})
REQUEST = Request(url=URL)
BODY = b"a|b\n1|2\n"


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with serving() as found:
        yield found


@pytest.fixture
def watch() -> Watch:
    return Watch()


OPEN: list[Http] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Close every client at the end of a test."""
    yield
    while OPEN:
        OPEN.pop().close()


def http(publisher: Publisher, watch: Watch, **more: object) -> Http:
    OPEN.append(Http(HOSTS, watch.pace, every=1.0, base=f"{publisher.url}/x", **more))
    return OPEN[-1]


def replies(publisher: Publisher, *given: Reply) -> list[Heard]:
    """Answer with one reply after another, the last one for good; gives the list of what is heard."""
    left, heard = list(given), list[Heard]()

    def answer(request: Heard) -> Reply:
        heard.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    publisher.handlers["x"] = answer
    return heard


def test_it_asks_for_the_same_path_at_a_mirror_and_says_who_asks(publisher: Publisher, watch: Watch) -> None:
    heard = replies(publisher, Reply(body=BODY, headers={"Record-Total": "7"}))
    answer = http(publisher, watch).ask(Request(url=URL, query={"day": "2025-06-13"}))
    assert (answer.body, answer.headers["record-total"]) == (BODY, "7")
    assert (heard[0].path, dict(heard[0].query)) == ("/a/b.csv", {"day": "2025-06-13"})
    assert heard[0].headers["user-agent"] == f"overshort/{__version__}"
    http(publisher, watch, agent="Jane jane@example.com").ask(Request(url=URL, method="POST", body=b"{}"))
    assert (heard[1].method, heard[1].body, heard[1].headers["user-agent"]) == ("POST", b"{}", "Jane jane@example.com")


def test_a_server_that_asks_to_wait_is_waited_for(publisher: Publisher, watch: Watch) -> None:
    replies(publisher, Reply(429, headers={"Retry-After": "7"}), Reply(429), Reply(503), Reply(body=BODY))
    assert http(publisher, watch).ask(REQUEST).body == BODY
    assert watch.waits == [7.0, 4.0, 8.0]


def test_it_gives_up_after_four_attempts(publisher: Publisher, watch: Watch) -> None:
    heard = replies(publisher, Reply(503))
    with pytest.raises(Unreachable, match="status 503"):
        http(publisher, watch).ask(REQUEST)
    assert len(heard) == 4
    assert watch.waits == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 418, 444, 472])
def test_it_does_not_ask_again_where_that_is_no_use(publisher: Publisher, watch: Watch, status: int) -> None:
    heard = replies(publisher, Reply(status))
    with pytest.raises((BadAnswer, Limited, NotPublished)):
        http(publisher, watch).ask(REQUEST)
    assert len(heard) == 1
    assert watch.waits == []


def test_an_hour_is_not_waited_for(publisher: Publisher, watch: Watch) -> None:
    heard = replies(publisher, Reply(429, headers={"Retry-After": "3600"}))
    with pytest.raises(Limited, match="in 3,600 seconds"):
        http(publisher, watch).ask(REQUEST)
    assert (len(heard), watch.waits) == (1, [])


def test_half_an_answer_is_asked_for_again(publisher: Publisher, watch: Watch) -> None:
    replies(publisher, Reply(body=BODY, said=999), Reply(body=BODY))
    assert http(publisher, watch).ask(REQUEST).body == BODY


def test_an_answer_that_drips_is_left(publisher: Publisher) -> None:
    replies(publisher, Reply(body=BODY * 50, pieces=50))
    slow = Watch(step=100.0)
    with pytest.raises(Unreachable, match="in 180 seconds and had not ended"):
        http(publisher, slow).ask(REQUEST)
    assert slow.waits == []


@pytest.mark.parametrize("reply", [Reply(body=BODY * 200), Reply(body=b"x", said=10_001)])
def test_an_answer_that_is_too_large_is_left(publisher: Publisher, watch: Watch, reply: Reply) -> None:
    replies(publisher, reply)
    with pytest.raises(BadAnswer, match="where at most 1,000 are expected"):
        http(publisher, watch).ask(Request(url=URL, largest=1000))


def test_redirects_stay_with_the_declared_hosts(publisher: Publisher, watch: Watch) -> None:
    heard = replies(publisher, Reply(301, headers={"Location": "c.csv"}), Reply(body=BODY))
    assert http(publisher, watch).ask(REQUEST).body == BODY
    assert [h.path for h in heard] == ["/a/b.csv", "/a/c.csv"]
    replies(publisher, Reply(307, headers={"Location": "https://elsewhere.example/?secret=1"}))
    with pytest.raises(BadAnswer, match=r"another host, https://elsewhere\.example/, which"):
        http(publisher, watch).ask(REQUEST)


@pytest.mark.parametrize("url", ["http://publisher.example/a", "https://other.example/a", "ftp://publisher.example/a"])
def test_only_https_and_only_declared_hosts(watch: Watch, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(socket, "create_connection", _refuse)
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    with pytest.raises(BadAnswer, match=r"is not https|on no host"):
        Http(HOSTS, watch.pace, every=0).ask(Request(url=url))


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("a socket was opened")


def test_a_certificate_nobody_trusts_is_said_and_not_tried_again(watch: Watch) -> None:
    with serving(CERTIFICATE) as publisher:
        with pytest.raises(Unreachable, match=r"certificate of https://127.* cannot be verified"):
            http(publisher, watch).ask(REQUEST)
        assert publisher.heard == []
    assert watch.waits == []


def test_nobody_there(watch: Watch) -> None:
    with serving() as publisher:
        pass
    with pytest.raises(Unreachable, match="cannot be reached"):
        http(publisher, watch).ask(REQUEST)


def test_only_what_changed_is_sent_again(publisher: Publisher, watch: Watch) -> None:
    heard = replies(publisher, Reply(body=BODY, headers={"ETag": '"1"', "Last-Modified": "Mon"}), Reply(304))
    first = http(publisher, watch)
    first.ask(Request(url=URL, conditional=True))
    assert first.seen == {URL: {"etag": '"1"', "last-modified": "Mon"}}
    with pytest.raises(Unchanged):
        http(publisher, watch, versions=first.seen).ask(Request(url=URL, conditional=True))
    assert "if-none-match" not in heard[0].headers
    assert (heard[1].headers["if-none-match"], heard[1].headers["if-modified-since"]) == ('"1"', "Mon")


def test_hosts_are_not_asked_faster_than_their_pace(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is the publisher's: a mirror on this machine is asked as fast as it answers."""
    client = Http(frozenset({"a.example", "b.example"}), watch.pace, every=2.0)
    monkeypatch.setattr(client, "_client", _Instant())
    for host in ("a", "a", "b", "a"):
        client.ask(Request(url=f"https://{host}.example/x"))
    assert watch.waits == [2.0, 2.0]


class _Instant:
    """A client that answers at once, without a network."""

    def stream(self, *_: object, **__: object) -> "_Instant":
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    status_code = 200
    headers: ClassVar[dict[str, str]] = {}

    def iter_bytes(self) -> list[bytes]:
        return [BODY]


@pytest.mark.parametrize(
    "base",
    ["http://mirror.example", "mirror.example", "https://", "ftp://m.example", "https://a:b@m.example", "http://[", ""],
)
def test_a_mirror_is_https_or_on_this_machine(base: str) -> None:
    with pytest.raises(UsageError, match="--base-url"):
        check_base("finra.short_interest", base, ftp=False)


def test_mirrors() -> None:
    assert check_base("x", "http://127.0.0.1:80/p/", ftp=False) == "http://127.0.0.1:80/p"
    assert check_base("x", "ftp://mirror.example", ftp=True) == "ftp://mirror.example"
    assert moved("https://a.example/p/q?r=1", "http://localhost:1/m") == "http://localhost:1/m/p/q?r=1"
    assert moved("https://a.example/p", None) == "https://a.example/p"
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("localhost.example")


@settings(max_examples=30)
@given(body=st.binary(max_size=300), status=st.integers(200, 599))
def test_any_answer_is_whole_or_one_sentence(publisher: Publisher, body: bytes, status: int) -> None:
    replies(publisher, Reply(status, b"" if status in (204, 304) else body))
    client = OPEN[-1] if OPEN else http(publisher, Watch())
    problem = ""
    try:
        answer = client.ask(REQUEST)
    except (BadAnswer, Limited, NotPublished, Unreachable) as error:
        problem = str(error)
    except Unchanged:
        problem = "unchanged"
    assert "\n" not in problem
    assert (problem == "unchanged") == (status == 304)
    if not problem:
        assert (answer.body, status) == (body, 200)


def test_a_proxy_is_taken_from_the_environment(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        client = Http(HOSTS, watch.pace, every=0)
        OPEN.append(client)
        with pytest.raises(Unreachable, match="501 Unsupported method"):
            client.ask(REQUEST)
    assert len(watch.waits) == 3
