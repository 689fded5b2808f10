"""Covering events of the real files: how often each happened, counted by SQL and by hand."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from overshort import schema
from overshort.engine.computing import frames
from overshort.engine.forecasts import forecasts
from overshort.engine.members import members_study
from overshort.engine.panel import market
from overshort.engine.studies import Known
from overshort.store import asof
from overshort.store.lake import Lake

pytestmark = pytest.mark.data
AS_OF = datetime(2025, 7, 1, tzinfo=UTC)
RUNS = {
    "cover10_3m": {"SPX": 2, "NDX": 7, "RUT": 1},
    "cover5_3m": {"SPX": 17, "NDX": 19, "RUT": 8},
}
"""Separate runs by 2025-06-13, windows over by then only."""
OPEN_TOO = {"SPX": 18, "NDX": 21, "RUT": 8}
"""The same for −5 % where a window that is not over counts as soon as the threshold is crossed."""


@pytest.fixture(scope="session")
def chains(real: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("covering") / "chains.parquet"
    own = real.filter(pl.col("id") == "crowding.chain").sort("subject", "at", "known_at")
    kept = own.unique(["subject", "at"], keep="last", maintain_order=True).sort("subject", "at")
    kept.select("subject", pl.col("at").dt.date().alias("day"), "value").write_parquet(path)
    return path


def counted(chains: Path, fraction: float, reports: int, *, over: bool) -> dict[str, tuple[int, int, int]]:
    """Count windows, hits and separate runs of hits in SQL."""
    ahead = f"over (partition by subject order by day rows between 1 following and {reports} following)"
    query = f"""
        with windows as (
            select subject, day, coalesce(min(value) {ahead} <= {1 - fraction} * value, false) as hit,
                   count(*) {ahead} as n from '{chains}'),
        kept as (select * from windows where n = {reports} or not {over}),
        marked as (select *, lag(hit, 1, false) over (partition by subject order by day) as before from kept)
        select subject, count(*), count(*) filter (hit), count(*) filter (hit and not before) from marked group by 1
    """
    return {subject: (n, hits, runs) for subject, n, hits, runs in duckdb.sql(query).fetchall()}


@pytest.mark.parametrize(("event", "fraction"), [("cover5", 0.05), ("cover10", 0.10)])
@pytest.mark.parametrize(("window", "reports"), [("3m", 6), ("6m", 12)])
def test_sql_counts_the_same(
    real: pl.DataFrame, chains: Path, event: str, fraction: float, window: str, reports: int
) -> None:
    expected = counted(chains, fraction, reports, over=True)
    known = {(f["subject"], f["id"]): f for f in forecasts(Known(real, AS_OF))}
    for subject in ("SPX", "NDX", "RUT"):
        found = known[subject, f"probability.{event}_{window}"]
        windows, hits, runs = expected[subject]
        assert (found["windows"], found["runs"]) == (windows, runs)
        assert found["base"] == pytest.approx(hits / windows)


@pytest.mark.parametrize("event", RUNS)
def test_separate_runs_of_180_reports(real: pl.DataFrame, event: str) -> None:
    known = {(f["subject"], f["id"]): f for f in forecasts(Known(real, AS_OF))}
    assert {s: known[s, f"probability.{event}"]["runs"] for s in RUNS[event]} == RUNS[event]
    assert {known[s, f"probability.{event}"]["windows"] for s in RUNS[event]} == {174}


def test_windows_that_are_not_over_would_count_more(chains: Path) -> None:
    found = counted(chains, 0.05, 6, over=False)
    assert {s: found[s][2] for s in OPEN_TOO} == OPEN_TOO


def test_nasdaq_as_a_whole_never_fell_by_a_tenth(chains: Path) -> None:
    assert counted(chains, 0.10, 6, over=True)["NASDAQ"][1:] == (0, 0)
    assert counted(chains, 0.10, 12, over=True)["NASDAQ"][1:] == (0, 0)


BY_HAND = {
    date(2020, 3, 13): (110.44, date(2020, 3, 31), 99.28),
    date(2020, 5, 15): (107.65, date(2020, 8, 14), 93.05),
    date(2020, 5, 29): (104.17, date(2020, 8, 14), 93.05),
}
"""Origins of the S&P 500's falls of 10 % in six reports: chain there, the report at which it was lowest, how low."""


def test_the_two_runs_of_the_s_and_p_500_by_hand(real: pl.DataFrame) -> None:
    """Once over the crash of March 2020, once over the rebound that followed it."""
    known = Known(real, AS_OF)
    levels = dict(known.series("crowding.chain", "SPX").select("at", "value").iter_rows())
    ends = known.series("probability.cover10_3m.outcome", "SPX").filter(pl.col("value") == 1)
    assert ends["base_at"].to_list() == list(BY_HAND)
    for origin, (level, lowest, low) in BY_HAND.items():
        assert (levels[origin], levels[lowest]) == pytest.approx((level, low), abs=0.005)
        assert low <= 0.9 * level


def test_almost_nothing_beats_climatology(real: pl.DataFrame) -> None:
    """Of 46 comparisons two are won: as many as luck would win."""
    found = forecasts(Known(real, AS_OF))
    rungs = [r for f in found for r in (f["skill"] or {}).values() if r is not None]
    assert len(rungs) == 46
    assert {(f["subject"], f["id"]) for f in found if f["model"] != "climatology"} == {
        ("SPX", "probability.cover5_6m"),
        ("NDX", "probability.coverbreadth_3m"),
    }
    assert sum(r["low"] > 0 for r in rungs) == 2


def test_pooled_members(real: pl.DataFrame) -> None:
    """A member's position falls by a quarter within a month after one report in twelve to twenty."""
    own = real.filter(pl.col("id") == "probability.member25_1m").sort("at")
    shares = {s: own.filter(pl.col("subject") == s)["value"][-1] for s in ("SPX", "NDX", "RUT")}
    assert shares["NDX"] < shares["SPX"] < shares["RUT"]
    assert 0.05 < shares["NDX"] < 0.06
    assert 0.08 < shares["RUT"] < 0.09


@pytest.fixture(scope="session")
def pairs(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """Count in SQL the pairs of a member and a report with a later row, and those that covered, by index."""
    folder = tmp_path_factory.mktemp("members")
    tables = asof.standing({n: lake.scan(n) for n in schema.TABLES}, AS_OF)
    found = frames(("cycles", "ratios"), tables, market())
    parts = {
        "members": found["cycles"].filter(pl.col("subject").is_in(["SPX", "NDX", "RUT"])),
        "ratios": found["ratios"].filter(pl.col("ratio").is_not_null()),
        "rows": tables["short_interest"].filter(pl.col("position") > 0).select("symbol", "settlement", "position"),
    }
    for name, frame in parts.items():
        frame.lazy().sink_parquet(folder / f"{name}.parquet")
    query = f"""
        with days as (select settlement, row_number() over (order by settlement) as k
                      from (select distinct settlement from '{folder}/members.parquet')),
        held as (select m.subject, m.symbol, m.settlement, d.k, r.position
                 from '{folder}/members.parquet' m join days d using (settlement)
                 join '{folder}/rows.parquet' r on r.symbol = m.symbol and r.settlement = m.settlement),
        ahead as (select h.subject, h.symbol, h.k, h.position as was, r.position as now,
                         coalesce((select product(s.ratio) from '{folder}/ratios.parquet' s where s.symbol = h.symbol
                                   and s.settlement > h.settlement and s.settlement <= r.settlement), 1) as ratio
                  from held h join days d on d.k between h.k + 1 and h.k + 2
                  join '{folder}/rows.parquet' r on r.symbol = h.symbol and r.settlement = d.settlement
                  where h.k <= (select max(k) from days) - 2),
        judged as (select subject, symbol, k, max(cast(now / ratio <= 0.75 * was as int)) as fell
                   from ahead group by all)
        select subject, count(*), sum(fell) from judged group by 1"""
    return {s: (n, int(fell)) for s, n, fell in duckdb.sql(query).fetchall()}


STUDIED = {"SPX": ("table", 0.004, 0.008), "NDX": ("logistic", 0.001, 0.010), "RUT": ("table", 0.012, 0.018)}
"""What is shown of single members by 2025-06-13, and the interval that its skill has to lie in."""


@pytest.mark.parametrize("subject", STUDIED)
def test_sql_counts_the_members_that_covered(
    lake: Lake, real: pl.DataFrame, pairs: dict[str, tuple[int, int]], subject: str
) -> None:
    study = members_study(lake, AS_OF, subject)
    assert study is not None
    event = study["events"][0]
    assert (event["pairs"], event["covered"]) == pairs[subject]
    assert event["base"] == pytest.approx(event["covered"] / event["pairs"])
    assert sum(s["n"] for s in event["states"]) < event["pairs"], "members without inputs are in no state"
    newest = Known(real, AS_OF).series("probability.member25_1m", subject).row(-1, named=True)
    assert (newest["value"], newest["text"]) == (pytest.approx(event["probability"]), event["model"])


@pytest.mark.parametrize("subject", STUDIED)
def test_what_the_rungs_for_members_were_worth(lake: Lake, subject: str) -> None:
    study = members_study(lake, AS_OF, subject)
    assert study is not None
    model, least, most = STUDIED[subject]
    event = study["events"][0]
    score = next(s for s in event["rungs"] if s["model"] == model)
    assert event["model"] == model
    assert least < score["skill"] < most
    assert score["low"] > 0
    assert score["skill"] == pytest.approx(1 - score["brier"] / score["brier_base"])
    assert sum(r["n"] for r in score["reliability"]) == score["n"]
    assert [e["model"] for e in study["events"][1:]] == ["climatology"] * len(study["events"][1:])
