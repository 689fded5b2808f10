"""A stock's page says of its squeeze what the screen says as of the same day."""

import html
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from overshort.engine.moment import moment
from overshort.engine.screen import screen, standings
from overshort.store.lake import Lake
from overshort.surfaces.page import Grid, squeeze
from overshort.surfaces.web import pages
from surfaces.web.conftest import DAY, Server


def section(page: str) -> str:
    found = re.search(r'<section id="squeeze">(.*?)</section>', page, re.DOTALL)
    assert found
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


@pytest.fixture(scope="module")
def lake(home: Path) -> Lake:
    return Lake.open(home)


def test_the_newest_report_is_the_screens_and_earlier_ones_are_the_screens_of_their_time(lake: Lake) -> None:
    now = moment(DAY).instant
    stood = standings(lake, now, 3)
    found = screen(lake, now, "LISTED")
    columns = found.rows.columns
    newest = stood.filter(pl.col("settlement") == found.settlement).select(columns)
    assert newest.equals(found.rows)
    before = screen(lake, moment("2024-06-25").instant, "LISTED")
    assert before.settlement < found.settlement
    earlier = stood.filter(pl.col("settlement") == before.settlement).sort("symbol")
    kept = ["symbol", "score", "short_float", "dtc", "change", "rank_dtc", "rank_change", "p"]
    assert earlier.select(kept).equals(before.rows.select(kept))


def test_the_page_shows_the_screens_numbers(server: Server, lake: Lake) -> None:
    found = screen(lake, moment(DAY).instant, "LISTED")
    row: dict[str, Any] = next(
        found.rows.filter(pl.col("score").is_not_null(), pl.col("p").is_not_null()).iter_rows(named=True)
    )
    page = server.measured(f"/stock/{row['symbol']}?as_of={DAY}")
    assert page.status_code == 200
    said = section(page.text)
    assert f"Report of {found.settlement}" in said
    assert f"squeeze score {row['score']:.1f}" in said
    assert f"days to cover {row['dtc']:.2f} {row['rank_dtc']:.1f}" in said.replace("\u00a0", " ")
    assert f"{100 * row['p']:.1f}" in said
    assert f"{row['position']:,}" in said


def test_a_stock_that_the_screen_leaves_out_has_no_such_section(server: Server, lake: Lake) -> None:
    left_out = sorted(
        set(lake.scan("short_interest").collect()["symbol"]) - set(standings(lake, moment(DAY).instant, 8)["symbol"])
    )
    for symbol in left_out[:1]:
        page = server.measured(f"/stock/{symbol}?as_of={DAY}")
        assert '<section id="squeeze">' not in page.text
    early = server.measured(f"/stock/{standings(lake, moment(DAY).instant, 1)['symbol'][0]}?as_of=1999-01-04")
    assert early.status_code == 404


def test_what_stands_in_for_the_fee_has_its_rank_beside_itself(lake: Lake) -> None:
    stood = standings(lake, moment(DAY).instant, 1)
    known = stood.row(0, named=True) | {"fee": 0.1, "fails": 0.25, "rank_fee": 63.6, "stand_in": None}
    stands_in = known | {"fee": None, "stand_in": "fails in place of fee"}
    for given, fee, fails in ((known, "63.6", "–"), (stands_in, "–", "63.6")):
        found = squeeze.section([given])
        assert found is not None
        grid = found.blocks[0]
        assert isinstance(grid, Grid)
        ranks = {r[0].text: r[2].text for r in grid.rows}
        assert (ranks["borrow fee"], ranks["fails to deliver, days of volume"]) == (fee, fails)


def test_the_next_report_is_offered_once_it_has_come(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def offered(today: str, day: str) -> str:
        monkeypatch.setattr(pages, "now", lambda: datetime.fromisoformat(f"{today}T23:00:00+00:00"))
        page = server.get(f"/forecasts?as_of={day}").text
        found = re.search(r'<a class="step" rel="next" href="([^"]*)"( aria-disabled="true")?', page)
        assert found
        return "" if found[2] else found[1]

    assert offered("2024-07-09", "2024-07-01") == ""
    assert offered("2024-07-10", "2024-07-02").endswith("as_of=2024-07-10")


def test_no_symbol_is_one_sentence(server: Server) -> None:
    answer = server.get("/stock?symbol=%20")
    assert answer.status_code == 404
    assert "No stock is named; write its symbol" in answer.text
