"""The ledger as page and document, which only read."""

import shutil
from pathlib import Path

from overshort.store.lake import Lake
from overshort.surfaces.web import application
from surfaces.conftest import Run
from surfaces.web.conftest import DAY, Server, serving

EARLIER = ("2021-06-30", "2022-06-30", "2023-06-30")


def test_an_empty_ledger_says_how_it_is_filled_and_stays_empty(server: Server, home: Path) -> None:
    version = Lake.open(home).version()
    page = server.measured(f"/forecasts?as_of={DAY}")
    assert page.status_code == 200
    assert "this page only reads" in page.text
    answer = server.get(f"/api/v1/forecasts?as_of={DAY}")
    assert answer.status_code == 404
    assert "no forecast was in the ledger by" in answer.json()["error"]
    assert Lake.open(home).version() == version


def test_back_tests_are_scored_as_the_command_line_does(home: Path, tmp_path: Path, run: Run) -> None:
    own = tmp_path / "store"
    shutil.copytree(home, own)
    for day in EARLIER:
        assert run("forecast", "--as-of", day, "--subject", "SPX", "--home", str(own))[0] == 0
    for server in serving(application(Lake.open(own))):
        page = server.measured(f"/forecasts?as_of={DAY}")
        found = server.get(f"/api/v1/forecasts?as_of={DAY}")
        assert found.text == run("ledger", "--as-of", DAY, "--json", "--home", str(own))[1]
        assert "Back-tests: written afterwards" in page.text
        assert found.json()["ledgers"]["backtest"]["score"]["n"] > 0
        assert '"picture0-' in page.text
        assert server.get("/api/v1/forecasts?as_of=2021-07-15").json()["ledgers"]["backtest"]["open"]
