"""Python for notebooks: the same answers as the command line, shown in place, as any library's frame."""

import json
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

import overshort as osh
from overshort.surfaces.notebook.fragment import fragment
from overshort.surfaces.page.blocks import Cell, Grid, Page, Section, Words
from surfaces.conftest import Run

DAY = "2024-06-28"
HOW = ("--subject-default", "RUT", "--resolve-at", "2025-01-10")
POST = "The VIX closed at 14. Short interest is up 4% since the last report. $QQQ: the trap is set at 45%."


@pytest.fixture(scope="module")
def market(home: Path) -> osh.Market:
    return osh.open_market(home)


class Tags(HTMLParser):
    """Reads HTML and counts what stays open; void elements are none of these pages' own."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        self.open.append(tag)
        self.cells += tag == "td"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html(result: osh.Result) -> str:
    text = result._repr_html_()
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    assert tags.cells
    return text


def test_figures_are_those_of_the_command_line(market: osh.Market, run: Run) -> None:
    told = json.loads(run("figures", "--subject", "SPX", "--as-of", DAY, "-f", "json")[1])["figures"]
    found = market.figures("spx", as_of=DAY)
    assert found.document["figures"] == told
    assert [f.as_dict() for f in found] == told
    assert len(found) == len(told)
    assert market.figures("SPX", as_of=date.fromisoformat(DAY)).document == found.document


def test_a_figure_is_had_by_its_id(market: osh.Market) -> None:
    found = market.figures("SPX", "NDX", ids="crowding.rank_5y", as_of=DAY)
    with pytest.raises(osh.UsageError, match="SPX"):
        _ = found["crowding.rank_5y"]
    alone = market.figures("NDX", ids=["crowding.rank_5y", "crowding.since"], as_of=DAY)
    assert alone["crowding.rank_5y"].subject == "NDX"
    with pytest.raises(osh.UsageError, match=r"crowding\.chain"):
        _ = alone["crowding.chain"]


def test_history_is_the_panel_known_then(market: osh.Market) -> None:
    rows = market.history("SPX", ids="crowding.chain", as_of=DAY).to_polars()
    assert rows["at"].is_sorted()
    assert rows["known_at"].max() < pl.Series(["2024-06-29T04:00:00Z"]).str.to_datetime(time_zone="UTC")[0]
    newest = market.figures("SPX", ids="crowding.chain", as_of=DAY)["crowding.chain"]
    assert rows.filter(pl.col("id") == "crowding.chain")["value"][-1] == newest.value


ASKED: dict[str, Callable[[osh.Market], osh.Result]] = {
    "figures": lambda m: m.figures("SPX", "VIX", as_of=DAY),
    "history": lambda m: m.history("NDX", ids="crowding.rank", as_of=DAY),
    "brief": lambda m: m.brief(DAY),
    "screen": lambda m: m.screen("SPX", top=7, as_of=DAY),
    "streaks": lambda m: m.streaks(length=3, as_of=DAY),
    "study": lambda m: m.study("volatility.cycle_low", horizon=21, as_of=DAY),
    "audit": lambda m: m.audit(POST, as_of=DAY, resolve_at="2025-01-10", subject="rut"),
    "forecasts": lambda m: m.forecasts("ndx", events="cover5_3m", as_of=DAY),
    "explain": lambda m: m.explain("crowding.change_12m", "NDX", rows=5, as_of=DAY),
}


@pytest.mark.parametrize("kind", ASKED)
def test_a_result_is_the_same_rows_in_every_library(market: osh.Market, kind: str) -> None:
    found = ASKED[kind](market)
    rows = found.to_polars()
    assert len(found) == rows.height > 0
    arrow, frame = found.to_arrow(), found.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == rows.columns == list(arrow.schema.names)
    assert len(frame) == arrow.num_rows == rows.height
    assert duckdb.sql("select count(*) from arrow").fetchall() == [(rows.height,)]
    for name, kind_of in rows.schema.items():
        assert frame[name].isna().sum() == rows[name].null_count(), name
        if kind_of.is_numeric():
            assert frame[name].sum() == pytest.approx(rows[name].sum() or 0), name
        if isinstance(kind_of, pl.Datetime):
            assert frame[name].max() == pd.Timestamp(rows[name].max()), name


@pytest.mark.parametrize("kind", ASKED)
def test_a_result_shows_itself_and_says_that_it_is_simulated(market: osh.Market, kind: str) -> None:
    found = ASKED[kind](market)
    for text in (html(found), repr(found)):
        assert "SIMULATED" in text
        assert "not investment advice" in text
    assert html(found) == html(ASKED[kind](market))


def test_text_of_a_file_cannot_become_markup() -> None:
    evil = "<script>alert(1)</script>"
    grid = Grid(heads=[evil], rows=[[Cell(text=evil, figure={"definition": '"><b>'})]], title=evil, note=evil)
    section = Section(id="x", title=evil, blocks=[Words(text=evil), grid])
    page = Page(title=evil, as_of="", banner=evil, head=[Words(text=evil)], sections=[section], foot=[evil])
    assert "<script" not in fragment(page)
    assert '"><b>' not in fragment(page)


def test_a_long_answer_is_shown_in_part_and_says_so(market: osh.Market) -> None:
    found = market.figures(as_of=DAY)
    assert f"{len(found) - 40:,} rows more are in the frame" in repr(found)


def test_a_brief_is_written_as_the_command_line_writes_it(market: osh.Market, run: Run, tmp_path: Path) -> None:
    built = market.brief(DAY)
    for ending in ("html", "md"):
        assert built.write(tmp_path / f"a.{ending}").is_file()
        run("brief", "--as-of", DAY, "-o", str(tmp_path / f"b.{ending}"))
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    with pytest.raises(osh.UsageError, match=r"'a\.docx' ends in none"):
        built.write(tmp_path / "a.docx")
    assert not (tmp_path / "a.docx").exists()


def test_a_picture_is_returned_and_an_empty_one_refused(market: osh.Market) -> None:
    assert market.picture("chain", "spx", DAY).data
    with pytest.raises(osh.UsageError, match="'pie' is no picture; give one of chain"):
        market.picture("pie", "SPX")
    with pytest.raises(osh.UsageError, match="nothing to draw as vix for SPX"):
        market.picture("vix", "SPX", DAY)


def test_a_market_says_what_it_is(market: osh.Market, home: Path, tmp_path: Path) -> None:
    assert market.simulated
    assert repr(market) == f"Market({str(home)!r}, simulated)"
    with pytest.raises(osh.StoreMissing, match="no store"):
        osh.open_market(tmp_path / "nowhere")
    with pytest.raises(osh.NothingToShow, match="2001-01-31"):
        market.figures("SPX", as_of="2001-01-31")


def test_studies_audits_and_forecasts_are_those_of_the_command_line(
    market: osh.Market, run: Run, tmp_path: Path
) -> None:
    post = tmp_path / "the text"
    post.write_text(POST, "utf-8")
    told = {
        "study": run("study", "volatility.cycle_low", "--horizon", "21", "--as-of", DAY, "--json"),
        "forecasts": run("forecast", "--subject", "NDX", "--event", "cover5_3m", "--dry-run", "--as-of", DAY, "--json"),
        "audit": run(
            "audit", str(post), "--subject-default", "RUT", "--resolve-at", "2025-01-10", "--as-of", DAY, "--json"
        ),
    }
    for kind, (code, out, _) in told.items():
        assert code == 0
        assert json.loads(json.dumps(ASKED[kind](market).document)) == json.loads(out), kind
    rows = ASKED["study"](market).to_polars()
    assert rows.select("claim", "sessions").rows() == [("volatility.cycle_low", 21)]
    assert ASKED["forecasts"](market).to_polars()["id"].to_list() == ["probability.cover5_3m"]
    assert {"QQQ", "VIX"} <= set(ASKED["audit"](market).to_polars()["subject"])
