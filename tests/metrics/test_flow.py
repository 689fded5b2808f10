"""Flows: short volume against its own past by plain loops, fails as listed, a security's own fee; real files by SQL."""

import gzip
import statistics
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort import schema, sessions
from overshort.engine.computing import compute
from overshort.engine.panel import market, stocks
from overshort.metrics import registry
from overshort.metrics.flow import departure
from overshort.sources import Options, recognised

IDS = ["flow.short_volume_share", "flow.short_volume_z", "flow.fails"]
DAYS = [d for d in sessions.schedule()["session"].to_list() if date(2023, 1, 3) <= d <= date(2023, 12, 29)]
Values = dict[date, float | None]


def completed(name: str, frame: pl.DataFrame) -> pl.LazyFrame:
    """Give a frame all columns of a table."""
    filled = frame.with_columns(source=pl.lit("x"), sha256=pl.lit("0"), batch=pl.lit(0), symbol_raw=pl.col("symbol"))
    columns = schema.table(name).columns
    return filled.select(
        (pl.col(c) if c in filled.columns else pl.lit(None)).cast(t).alias(c) for c, t in columns.items()
    ).lazy()


def flows(of: Mapping[date, tuple[float, float]], symbol: str = "ZZA", kind: str = "short_volume") -> pl.LazyFrame:
    listed = [{"symbol": symbol, "session": d, "kind": kind, "quantity": q, "total": t} for d, (q, t) in of.items()]
    known = [sessions.at_new_york(d, time(18)) for d in of]
    return completed("flows", pl.DataFrame(listed).with_columns(pl.Series("known_at", known)))


def bars(days: list[date], symbol: str = "ZZA") -> pl.LazyFrame:
    hours = sessions.schedule().filter(pl.col("session").is_in(days))
    said = {"symbol": symbol, "interval": "1d", "close": 10.0, "adjustment": "split", "currency": "USD"}
    own = hours.select("session", pl.col("opens").alias("start"), pl.col("closes").alias("end"))
    return completed(
        "bars", own.with_columns(pl.col("end").alias("known_at"), *(pl.lit(v).alias(c) for c, v in said.items()))
    )


def values(tables: dict[str, pl.LazyFrame], id: str, symbol: str = "ZZA") -> Values:
    found = compute(tables, stocks([symbol]), [id])
    return {row["at"].date(): row["value"] for row in found.iter_rows(named=True)}


def volumes(seed: int, days: list[date]) -> dict[date, tuple[float, float]]:
    drawn = np.random.default_rng(seed)
    totals = drawn.integers(1_000, 1_000_000, len(days)).astype(float)
    return {d: (float(t * p), float(t)) for d, t, p in zip(days, totals, drawn.beta(8, 10, len(days)), strict=True)}


def expected_z(given: Mapping[date, tuple[float, float]]) -> Values:
    """Give every departure by plain loops: 60 of the 66 sessions before must have a share."""
    calendar = sessions.schedule()["session"].to_list()
    shares = {d: q / t for d, (q, t) in given.items() if t > 0}
    out: Values = {}
    for day in given:
        reach = calendar[calendar.index(day) - 66]
        before = [shares[d] for d in sorted(shares) if reach <= d < day]
        window = before[-60:]
        if day not in shares or len(before) < 60 or len(set(window)) == 1:
            out[day] = None
        else:
            out[day] = (shares[day] - statistics.fmean(window)) / statistics.stdev(window)
    return out


@settings(max_examples=8)
@given(seed=st.integers(0, 999), holes=st.sets(st.integers(0, 199), max_size=30), idle=st.integers(0, 199))
def test_short_volume_by_plain_loops(seed: int, holes: set[int], idle: int) -> None:
    days = [d for k, d in enumerate(DAYS[:200]) if k not in holes]
    given = volumes(seed, days)
    if idle < len(days):
        given[days[idle]] = (0.0, 0.0)
    tables = {"flows": flows(given)}
    shares = values(tables, "flow.short_volume_share")
    assert shares == {d: pytest.approx(q / t) if t else None for d, (q, t) in given.items()}
    found, wanted = values(tables, "flow.short_volume_z"), expected_z(given)
    assert found.keys() == wanted.keys()
    assert [found[d] for d in wanted] == [
        v if v is None else pytest.approx(v, rel=1e-9, abs=1e-9) for v in wanted.values()
    ]


def test_the_window_has_a_base_date_and_a_count() -> None:
    found = compute({"flows": flows(volumes(3, DAYS[:62]))}, stocks(["ZZA"]), ["flow.short_volume_z"])
    rows = found.sort("at").select("base_at", "n", "reason").rows()
    assert rows[0][2] == "only 0 of the last 66 sessions have short volume in table flows, 60 are needed"
    assert rows[59][:2] == (None, 59)
    assert rows[60] == (DAYS[0], 60, None)
    assert rows[61] == (DAYS[1], 60, None)


def test_a_share_that_never_moves_has_no_departure() -> None:
    alike = dict.fromkeys(DAYS[:70], (40.0, 100.0))
    found = compute({"flows": flows(alike)}, stocks(["ZZA"]), ["flow.short_volume_z"]).sort("at")
    assert found["value"].null_count() == 70
    assert found["reason"][-1] == "short volume of the 60 sessions before is all alike"
    assert np.isnan(departure(0.4, np.full(60, 0.4)))


def test_twice_the_volume_changes_nothing() -> None:
    given = volumes(5, DAYS[:90])
    twice = {d: (2 * q, 2 * t) for d, (q, t) in given.items()}
    for id in IDS[:2]:
        assert values({"flows": flows(given)}, id) == values({"flows": flows(twice)}, id)


def test_a_facility_alone_is_not_the_whole() -> None:
    """Volume of one facility has a kind of its own and is not read."""
    tables = {"flows": flows(volumes(5, DAYS[:5]), kind="short_volume_b"), "bars": bars(DAYS[:5])}
    found = compute(tables, stocks(["ZZA"]), IDS)
    assert found["value"].null_count() == found.height == 15
    assert found.filter(id="flow.fails")["reason"][0] == "no fails to deliver in table flows"


def test_fails_are_as_listed_and_known_when_published() -> None:
    listed = flows({DAYS[0]: (500.0, 0.0), DAYS[3]: (70.0, 0.0)}, kind="fails")
    published = datetime(2023, 1, 31, 23, tzinfo=sessions.NEW_YORK)
    tables = {"flows": listed.with_columns(pl.lit(published).dt.convert_time_zone("UTC").alias("known_at"))}
    found = compute(tables, stocks(["ZZA"]), ["flow.fails"]).sort("at")
    assert found.select("value").to_series().to_list() == [500.0, 70.0]
    assert found["known_at"].unique().to_list() == [published]


def test_a_fee_holds_for_a_week_and_says_when_there_is_none() -> None:
    at = sessions.at_new_york(DAYS[2], time(12))
    said = {"symbol": "ZZA", "at": at, "known_at": at, "fee": 0.25, "capped": False}
    tables = {"borrow": completed("borrow", pl.DataFrame([said])), "bars": bars(DAYS[:20])}
    found = values(tables, "carry.fee")
    week = [d for d in DAYS[:20] if DAYS[2] <= d <= DAYS[2] + timedelta(days=7)]
    assert found == {d: 0.25 if d in week else None for d in DAYS[:20]}
    assert len(week) == 6
    reasons = compute(tables, stocks(["ZZA"]), ["carry.fee"]).filter(pl.col("value").is_null())["reason"]
    assert reasons.unique().to_list() == ["no fee of the last seven days in table borrow"]


def test_no_word_of_short_interest_is_claimed() -> None:

    for id in IDS:
        own = registry()[id].definition
        assert "short interest" not in own.replace("no measure of short interest", "")


def real_table(data: Path, *names: str) -> pl.LazyFrame:
    parts = []
    for name in names:
        path = data / "flows" / name
        content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        source = recognised(content)
        assert source is not None
        (table,) = source.tables
        rows = source.transform(content, name, Options()).tables[table]
        parts.append(
            rows.with_columns(sha256=pl.lit("0"), batch=pl.lit(0, pl.Int32)).select(*schema.table(table).columns)
        )
    return pl.concat(parts).lazy()


@pytest.mark.data
def test_real_short_volume_of_a_day(data: Path) -> None:
    name = "CNMSshvol20210604.txt"
    found = compute({"flows": real_table(data, name)}, market(), ["flow.short_volume_share"])
    own = {row["subject"]: row["value"] for row in found.iter_rows(named=True)}
    query = """select Symbol, ShortVolume::double / TotalVolume::double from read_csv(?, delim='|', header=true,
        null_padding=true, all_varchar=true) where Symbol in ('SPY', 'QQQ', 'IWM')"""
    with duckdb.connect() as con:
        expected = dict(con.execute(query, [str(data / "flows" / name)]).fetchall())
    assert own == {s: pytest.approx(v) for s, v in expected.items()}
    assert own["SPY"] == pytest.approx(7_959_281 / 17_456_713)


@pytest.mark.data
def test_real_fails_of_five_half_months(data: Path) -> None:
    names = [f"cnsfails{h}.txt.gz" for h in ("202012b", "202101a", "202101b", "202102a", "202102b")]
    found = compute({"flows": real_table(data, *names)}, stocks(["GME"]), ["flow.fails"])
    own = {row["at"].date(): row["value"] for row in found.iter_rows(named=True)}
    expected = {}
    for name in names:
        for line in gzip.decompress((data / "flows" / name).read_bytes()).decode("latin-1").splitlines()[1:-2]:
            day, _, symbol, quantity, *_ = line.split("|")
            if symbol == "GME":
                expected[datetime.strptime(day, "%Y%m%d").date()] = float(quantity)
    assert own == expected
    assert (max(own.values()), len(own)) == (2_099_572, 50)
    late = found.filter(pl.col("at").dt.date() == date(2021, 1, 26))["known_at"].item()
    assert late == sessions.at_new_york(date(2021, 2, 15), time(18))


@pytest.mark.data
def test_real_fees_of_a_list(data: Path) -> None:
    days = [d for d in sessions.schedule()["session"].to_list() if date(2022, 8, 5) <= d <= date(2022, 8, 16)]
    tables = {"borrow": real_table(data, "ibkr_usa_2022-08-06.txt.gz"), "bars": bars(days, "GME")}
    found = values(tables, "carry.fee", "GME")
    assert found == {d: pytest.approx(0.303849) if date(2022, 8, 8) <= d <= date(2022, 8, 13) else None for d in days}
