"""A commentary handed to the server: the same verdicts as the command's, hostile texts as text, nothing kept."""

import json
from pathlib import Path

import pytest

from overshort.engine.commentary import LARGEST
from surfaces.conftest import Run
from surfaces.web.conftest import DAY, Server

TEXT = (
    "Short interest of the S&P 500 rose 3.1% over the past year.\nThe Nasdaq-100 sits at the 90th percentile of its "
    "five-year range. We like tea.\n"
)
HOSTILE = (
    "Short interest of the S&P 500 rose 3% <script>alert(1)</script> and \"'><img src=x onerror=alert(2)> {{7*7}}."
)


def document(text: str) -> dict[str, object]:
    return {k: v for k, v in json.loads(text).items() if k != "file"}


def test_the_document_is_the_command_lines(server: Server, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    later = "2025-03-31"
    found = server.client.post(f"/api/v1/audit?as_of={DAY}", data={"text": TEXT, "resolve_at": later})
    assert found.status_code == 200
    expected = run("audit", str(file), "--as-of", DAY, "--resolve-at", later, "--json")[1]
    assert document(found.text) == document(expected)
    assert found.json()["counts"]["statements"] >= 2
    windows = server.client.post(f"/api/v1/audit?as_of={DAY}", data={"text": TEXT.replace("\n", "\r\n")})
    assert windows.json()["claims"][0]["words"] == found.json()["claims"][0]["words"]


def test_a_hostile_text_is_shown_as_text(server: Server) -> None:
    page = server.client.post("/audit", data={"text": HOSTILE, "as_of": DAY})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "{{7*7}}" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_nothing_of_a_text_is_stored(server: Server, home: Path) -> None:
    word = "Zyxwvutsrq"
    assert server.client.post("/audit", data={"text": f"{TEXT}{word}.", "as_of": DAY}).status_code == 200
    assert word not in server.get(f"/audit?as_of={DAY}").text
    assert not any(word.encode() in p.read_bytes() for p in home.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({}, 422, "text: field required"),
        ({"text": "  \n "}, 400, "the text is empty"),
        ({"text": "a " * LARGEST}, 400, f"more than the {LARGEST:,} bytes"),
        ({"text": "ü" * (LARGEST // 2 + 1)}, 400, f"more than the {LARGEST:,} bytes"),
        ({"text": "x" * 1_200_000}, 413, "the body is larger than 1,000,000 bytes"),
        ({"text": "It rose.\0"}, 400, "no plain text"),
        ({"text": TEXT, "resolve_at": "2024-13-01"}, 400, "2024-13-01"),
        ({"text": TEXT, "resolve_at": "2023-01-03"}, 400, "lies before"),
        ({"text": TEXT, "resolve_at": "9" * 500}, 422, "resolve_at"),
    ],
)
def test_what_cannot_be_audited_is_one_sentence(server: Server, fields: dict[str, str], code: int, words: str) -> None:
    for answer in (
        server.client.post(f"/api/v1/audit?as_of={DAY}", data=fields),
        server.client.post("/audit", data={**fields, "as_of": DAY}),
    ):
        assert answer.status_code == code
        assert words.lower() in answer.text.lower()
