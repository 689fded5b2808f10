"""Studies and theses as pages and documents."""

import time
from urllib.parse import urlencode

import pytest

from overshort.engine import theses
from surfaces.conftest import Run
from surfaces.web.conftest import DAY, PATIENCE, Server

CLAIM = "refusal.state_3m=FLAT"
BAD = [
    ("beauty>=3", 404, "beauty"),
    ("crowding.rank_5y", 400, "say what of it"),
    ("crowding.rank_5y>=many", 400, "no number"),
    ("refusal.state_3m=SAD", 400, "whose states are"),
    ("<script>alert(1)</script>", 400, "no claim or thesis"),
    ("/etc/passwd.toml", 400, "no claim or thesis"),
    ("x" * 5000, 422, "at most 120 characters"),
    ("\0", 400, "no claim or thesis"),
]


def asked(**fields: str) -> str:
    return urlencode(fields | {"as_of": DAY})


def test_the_document_is_the_command_lines(server: Server, run: Run) -> None:
    found = server.get(f"/api/v1/study?{asked(claim=CLAIM, subject='spy')}")
    assert found.text == run("study", CLAIM, "--as-of", DAY, "--json")[1]
    name = "persistent-momentum"
    thesis = server.get(f"/api/v1/study?{asked(claim=name, subject='NDX')}")
    assert thesis.text == run("thesis", name, "--subject", "NDX", "--as-of", DAY, "--json")[1]


def test_a_page_comes_after_its_progress(server: Server) -> None:
    path = f"/study?{asked(claim=CLAIM, subject='NDX')}"
    state = server.get(f"/study/state?{asked(claim=CLAIM, subject='NDX')}")
    end = time.monotonic() + PATIENCE
    while not state.json()["ready"] and time.monotonic() < end:
        state = server.get(f"/study/state?{asked(claim=CLAIM, subject='NDX')}")
    page = server.get(path)
    assert page.status_code == 200
    assert "what QQQ did next" in page.text
    assert server.get(path, headers={"if-none-match": page.headers["etag"]}).status_code == 304


def test_every_thesis_has_a_verdict_or_a_reason(server: Server) -> None:
    for subject in ("SPX", "NASDAQ"):
        found = server.get(f"/api/v1/theses?{asked(subject=subject)}").json()
        assert [t["name"] for t in found["theses"]] == list(theses.library())
        assert all((t["verdict"] is None) == (t["reason"] is not None) for t in found["theses"])
    page = server.measured(f"/study?{asked(subject='SPX')}")
    spx = server.get(f"/api/v1/theses?{asked(subject='SPX')}").json()["theses"]
    assert any(t["verdict"] for t in spx)
    for thesis in spx:
        whole = server.get(f"/api/v1/study?{asked(claim=thesis['name'], subject='SPX')}")
        assert thesis["verdict"] == (whole.json()["verdict"] if whole.status_code == 200 else None)
        assert thesis["name"] in page.text


@pytest.mark.parametrize(("claim", "code", "words"), BAD)
def test_what_cannot_be_studied_is_one_sentence(server: Server, claim: str, code: int, words: str) -> None:
    answer = server.get(f"/api/v1/study?{asked(claim=claim)}")
    assert answer.status_code == code
    assert words in answer.json()["error"]
    page = server.measured(f"/study?{asked(claim=claim)}")
    assert page.status_code == code
    assert "<script>alert" not in page.text
    assert server.get(f"/study/state?{asked(claim=claim)}").status_code == code


def test_a_subject_must_be_known(server: Server) -> None:
    assert server.get(f"/api/v1/study?{asked(claim=CLAIM, subject='AAPL')}").status_code == 400
    assert server.get(f"/api/v1/theses?{asked(subject='NOSUCH9')}").status_code == 404
    assert server.get(f"/study?{asked(subject='NOSUCH9')}").status_code == 404
    early = server.get(f"/api/v1/study?claim={CLAIM}&as_of=1995-01-03")
    assert early.status_code == 404
    assert "has no case" in early.json()["error"]
