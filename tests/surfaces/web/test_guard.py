"""Who is answered, for what, how much and how long."""

import asyncio
import base64
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from overshort.surfaces.web import guard
from overshort.surfaces.web.guard import BODY, Guard, is_loopback
from surfaces.web.conftest import DAY, Server

TOKEN = "a-token-of-enough-letters"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)}")(scope, receive, send)


async def slow(*_: object) -> None:
    await asyncio.sleep(5)


def ask(app: Any, method: str = "GET", **fields: Any) -> httpx2.Response:
    async def call() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:80") as client:
            return await client.request(method, "/", **fields)

    return asyncio.run(call())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:8000", "localhost", "LOCALHOST:1", "[::1]:80", "[::1]"])
def test_loopback_names_are_answered(host: str) -> None:
    assert ask(Guard(echo), headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "",
        "0.0.0.0",
        "192.168.1.5",
        "[::",
        "a@127.0.0.1b",
    ],
)
def test_no_other_name_is(host: str) -> None:
    assert ask(Guard(echo), headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:80", "host": "127.0.0.1:80"}, 200),
        ({"origin": "http://evil.example", "host": "127.0.0.1:80"}, 403),
        ({"origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_pages_of_other_sites_cannot_send(headers: dict[str, str], status: int) -> None:
    assert ask(Guard(echo), "POST", headers=headers, content=b"x").status_code == status
    assert ask(Guard(echo), "GET", headers=headers).status_code == 200


def test_a_body_has_a_size_told_or_not() -> None:
    async def drip() -> Any:
        for _ in range(BODY // 100_000 + 1):
            yield b"x" * 100_000

    assert ask(Guard(echo), "POST", content=b"x" * BODY).text == str(BODY)
    assert ask(Guard(echo), "POST", content=b"x" * (BODY + 1)).status_code == 413
    assert ask(Guard(echo), "POST", content=drip()).status_code == 413
    assert ask(Guard(echo), "POST", headers={"content-length": "-1"}).status_code == 413


def test_a_request_has_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 0.05)
    assert ask(Guard(slow)).status_code == 503


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"who:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (basic(TOKEN), 200),
        (f"bearer {TOKEN}", 200),
        ("", 401),
        (TOKEN, 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (basic(TOKEN + "x"), 401),
        ("Basic ###", 401),
        ("Basic /w==", 401),
        (f"Digest {TOKEN}", 401),
    ],
)
def test_a_token_is_asked_of_everybody(authorization: str, status: int) -> None:
    for host in ("desk.example", "127.0.0.1"):
        answer = ask(Guard(echo, token=TOKEN), headers={"authorization": authorization, "host": host})
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(("host", "own"), [("localhost.", True), ("::1", True), ("0.0.0.0", False), ("", False)])
def test_what_is_loopback(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_every_answer_carries_its_policy_and_no_cookie(server: Server) -> None:
    for path in (f"/index/SPX?as_of={DAY}", "/nothing", "/api/v1/metrics", f"/static/{'x' * 500}", "/api/v1/figures"):
        headers = server.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in headers


def test_a_server_refuses_another_name(server: Server) -> None:
    assert server.get("/", headers={"host": "evil.example"}).status_code == 421
