"""The extension of OpenBB: its routes through FastAPI, and ``obb`` itself in an environment of its own."""

import json
import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import polars
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from environments import Environment
from overshort.surfaces.openbb import router
from surfaces.conftest import Run

DAY = "2024-06-28"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def client(run: Run) -> TestClient:
    """A client of an application that has nothing but the routes; ``run`` sets the store."""
    assert run
    application = FastAPI()
    application.include_router(router)
    return TestClient(application)


def got(client: TestClient, route: str, **asked: Any) -> Any:
    answer = client.get(route, params={"as_of": DAY, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_openbb_would_find_the_router() -> None:
    own = [e for e in entry_points(group="openbb_core_extension") if e.name == "overshort"]
    assert [e.load() for e in own] in ([router], [])
    assert 'overshort = "overshort.surfaces.openbb:router"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_records_are_those_of_the_command_line(client: TestClient, run: Run) -> None:
    def told(*arguments: str) -> Any:
        return json.loads(run(*arguments, "--as-of", DAY)[1])

    want = told("figures", "crowding.rank", "volatility", "--subject", "NDX", "--subject", "VIX", "-f", "json")
    assert got(client, "/figures", subject="ndx, VIX", ids="crowding.rank,volatility") == want["figures"]
    assert got(client, "/claims") == told("brief", "--json")["claims"]
    want = told("explain", "crowding.change_12m", "--subject", "NDX", "--rows", "4", "--json")
    assert got(client, "/explain", id="crowding.change_12m", subject="NDX", rows=4) == want["rows"]
    assert got(client, "/streaks", length=3) == told("streaks", "--length", "3", "--json")["occurrences"]
    symbols = [r["symbol"] for r in told("screen", "SPX", "--by", "dtc", "--top", "4", "--json")["rows"]]
    assert [r["symbol"] for r in got(client, "/screen", universe="SPX", by="dtc", top=4)] == symbols


def test_history_ends_at_the_asked_day(client: TestClient) -> None:
    rows = got(client, "/history", subject="SPX")
    assert len(rows) > 100
    assert max(r["known_at"] for r in rows) <= "2024-06-29T03:59:59Z"


@pytest.mark.parametrize(
    ("route", "asked", "status", "words"),
    [
        ("/figures", {"subject": "NOSUCH"}, 400, "NOSUCH has no short-interest row"),
        ("/figures", {"ids": "crwding.chain"}, 400, "did you mean crowding.chain"),
        ("/figures", {"as_of": "31.1.2018"}, 400, "YYYY-MM-DD"),
        ("/claims", {"as_of": "2018-01-31"}, 404, "no report was known by 2018-01-31"),
        ("/screen", {"top": "-1"}, 422, "greater than or equal to 0"),
        ("/screen", {"by": "beauty"}, 400, "sorted by 'beauty'"),
    ],
)
def test_a_mistake_is_a_status_and_a_sentence(
    client: TestClient, route: str, asked: dict[str, str], status: int, words: str
) -> None:
    answer = client.get(route, params=asked)
    assert answer.status_code == status
    assert words in answer.text


def test_without_a_store_it_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OVERSHORT_HOME", str(tmp_path / "nowhere"))
    answer = client.get("/figures")
    assert answer.status_code == 404
    assert "no store" in answer.json()["detail"]


OBB = """
import json
from openbb import obb
found = obb.overshort.figures(subject="SPX,NDX", ids="crowding.change_12m", as_of="2024-06-28")
screened = obb.overshort.screen(universe="SPX", top=3, as_of="2024-06-28")
try:
    obb.overshort.figures(subject="NOSUCH")
except Exception as error:
    mistake = f"{type(error).__name__}: {error}"
print("\\n" + json.dumps({"figures": found, "screen": screened, "mistake": mistake}))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("OVERSHORT_OPENBB") != "1", reason="installs openbb-core; set OVERSHORT_OPENBB=1")
def test_obb_itself_answers(home: Path, run: Run, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "environment")
    environment.install("openbb-core")
    environment.install("--no-deps", str(ROOT))
    environment.lend(polars)  # what overshort itself rests on is here already; test_release installs it afresh
    told = json.loads(environment.run("-c", OBB, OVERSHORT_HOME=str(home)).splitlines()[-1])
    arguments = ("crowding.change_12m", "--subject", "SPX", "--subject", "NDX", "--as-of", DAY, "-f", "json")
    assert told["figures"] == json.loads(run("figures", *arguments)[1])["figures"]
    assert len(told["screen"]) == 3
    assert "NOSUCH has no short-interest row" in told["mistake"]
