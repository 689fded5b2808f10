"""What the shorts stand at, against plain loops over the simulated market."""

import math
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from statistics import median

import polars as pl
import pytest

from contracts.market import lazily, market, tables
from metrics import carrying, twins
from metrics.members_by_session import closes, listed, trading, unadjusted
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.panel import Scope, stocks
from overshort.metrics.daily import JUMP
from overshort.schema import INDEXES

Values = Callable[[str, str], dict[object, float | None]]
FEW = 40
"""Every how manieth session the loops look at."""


@cache
def calendar() -> list[date]:
    return sessions.settlements_between(date(2017, 12, 1), date(2026, 1, 31))


@cache
def published() -> list[tuple[datetime, date]]:
    rows = market().tables["short_interest"].select("known_at", "settlement").unique().sort("known_at")
    return list(rows.iter_rows())


@cache
def ends() -> dict[date, datetime]:
    return dict(
        market().tables["bars"].filter(pl.col("interval") == "1d").select("session", "end").unique().iter_rows()
    )


@cache
def entries(symbol: str) -> dict[date, float | None]:
    rows = market().tables["short_interest"].filter(pl.col("symbol") == symbol).sort("settlement").to_dicts()
    ratios = {day: ratio for (own, day), ratio in twins._ratios().items() if own == symbol}
    return carrying.entries(rows, closes().get(symbol, {}), calendar(), ratios, adjusted=False)


@cache
def jumps(symbol: str) -> list[date]:
    """Give the sessions whose unadjusted close moved as a split would."""
    own = sorted(closes().get(symbol, {}).items())
    return [day for (_, (a, _)), (day, (b, _)) in pairwise(own) if abs(math.log(b / a)) >= JUMP]


def priced(symbol: str, report: date, day: date) -> float | None:
    """Give a session's close, none where a split may lie between the report and the session."""
    return None if any(report < d <= day for d in jumps(symbol)) else unadjusted(symbol, day)


@cache
def standing(subject: str) -> dict[date, list[tuple[int, int, float, float]]]:
    """Give position, volume, entry and close of an index's members short, at every fortieth session."""
    out = {}
    for day in trading()[::FEW]:
        report = carrying.newest(published(), ends()[day])
        if report is None:
            continue
        own = twins.members_rows(subject)[report]
        found = [(r.position, r.adv, entries(r.symbol)[report], priced(r.symbol, report, day)) for r in own]
        out[day] = [(p, v, e, c) for p, v, e, c in found if e is not None and c is not None]
    return out


def looked_at(found: dict[object, float | None]) -> dict[object, float | None]:
    return {day: found[day] for day in trading()[::FEW] if day in found}


@pytest.mark.parametrize("subject", ["SPX", "NDX"])
def test_an_index_adds_up_its_members_dollars(values: Values, subject: str) -> None:
    gains = {
        day: sum(p * (e - c) for p, _, e, c in own) / sum(p * e for p, _, e, _ in own)
        for day, own in standing(subject).items()
    }
    assert len(gains) > 45
    assert twins.lined_up(looked_at(values("carry.mtm", subject)), dict(gains)) == []
    medians = {day: median(1 - c / e for _, _, e, c in own) for day, own in standing(subject).items()}
    assert twins.lined_up(looked_at(values("carry.mtm_median", subject)), dict(medians)) == []


@pytest.mark.parametrize("subject", INDEXES)
def test_n_and_coverage_are_of_the_newest_reports_members(simulated: pl.DataFrame, subject: str) -> None:
    rows = simulated.filter(pl.col("id") == "carry.mtm", pl.col("subject") == subject)
    for row in rows.gather_every(FEW).iter_rows(named=True):
        report = carrying.newest(published(), ends()[row["at"].date()])
        assert report is not None
        members, label = listed_at(subject, report)
        assert row["coverage"] == pytest.approx(row["n"] / len(members))
        assert row["coverage"] >= 0.8
        assert row["basis"].startswith(f"{label}; price: members' closes, unadjusted; cohorts ")


def listed_at(subject: str, report: date) -> tuple[set[str], str]:
    """Give the members at a report: unlike at a session, a file of that very day counts."""
    nearest = trading()[trading().index(report) + 1] if report in trading()[:-1] else report
    return listed(subject, nearest if subject == "RUT" else report)


@pytest.fixture(scope="module")
def single() -> pl.DataFrame:
    symbols = [s for s in sorted(market().tables["short_interest"]["symbol"].unique()) if s in closes()]
    return compute(lazily(tables()), stocks(symbols), [f"carry.{i}" for i in ("entry", "mtm", "underwater_days")])


def of_stock(single: pl.DataFrame, id: str, symbol: str) -> dict[object, float | None]:
    rows = single.filter(pl.col("id") == f"carry.{id}", pl.col("subject") == symbol)
    return dict(rows.select(pl.col("at").dt.date(), "value").iter_rows())


def test_every_stocks_entry_and_gain(single: pl.DataFrame) -> None:
    split = {symbol for symbol, _ in twins._ratios()}
    symbols = sorted(single["subject"].unique())
    assert len(set(symbols) & split) > 5
    for symbol in symbols:
        out = [(k, s) for k, s in published() if s in entries(symbol)]
        expected: dict[date, float | None] = {}
        for day in sorted(closes()[symbol]):
            report = carrying.newest(out, ends()[day])
            entry = entries(symbol)[report] if report else None
            price = priced(symbol, report, day) if report else None
            if report:
                expected[day] = None if entry is None or price is None else (entry - price) / entry
        assert twins.lined_up(of_stock(single, "mtm", symbol), expected) == []
        gains = {d: (None if v is None else entries_on(symbol, out, d)) for d, v in expected.items()}
        assert twins.lined_up(of_stock(single, "entry", symbol), gains) == []


def entries_on(symbol: str, out: list[tuple[datetime, date]], day: date) -> float | None:
    report = carrying.newest(out, ends()[day])
    return entries(symbol)[report] if report else None


def test_days_under_water_count_from_the_last_profit(single: pl.DataFrame) -> None:
    for symbol in sorted(single["subject"].unique()):
        last: date | None = None
        expected: dict[date, float | None] = {}
        for day, gain in sorted(of_stock(single, "mtm", symbol).items()):
            last = day if gain is not None and gain > 0 else last
            expected[day] = (day - last).days if last is not None and gain is not None else None
        assert twins.lined_up(of_stock(single, "underwater_days", symbol), expected) == []


def test_pressure_mixes_the_percentiles_of_loss_and_days_to_cover(values: Values) -> None:
    gains = {d: v for d, v in sorted(values("carry.mtm", "SPX").items()) if v is not None}
    days, losses = list(gains), [-v for v in gains.values()]
    covers = [days_to_cover(day) for day in days]
    expected: dict[date, float | None] = {}
    for k in range(0, len(days), 37):
        loss, cover = carrying.mid_rank(losses, k), carrying.mid_rank(covers, k)
        expected[days[k]] = None if loss is None or cover is None else 0.625 * loss + 0.375 * cover
    found = values("carry.pressure_price", "SPX")
    assert twins.lined_up({d: found[d] for d in expected}, expected) == []
    assert sum(v is not None for v in expected.values()) > 40


def days_to_cover(day: date) -> float:
    report = carrying.newest(published(), ends()[day])
    assert report is not None
    own = [r for r in twins.members_rows("SPX")[report] if entries(r.symbol)[report] and priced(r.symbol, report, day)]
    traded = [r for r in own if r.adv]
    return sum(r.position for r in traded) / sum(int(str(r.adv)) for r in traded)


IDS = [f"carry.{i}" for i in ("mtm", "mtm_median", "underwater_days", "pressure_price")]


def carry(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return compute(lazily(frames), Scope("market", INDEXES), IDS)


@pytest.fixture(scope="module")
def plain() -> pl.DataFrame:
    return carry(tables())


def test_other_money_changes_nothing(plain: pl.DataFrame) -> None:
    own = tables()
    dearer = own["bars"].with_columns([pl.col(c) * 4 for c in ("open", "high", "low", "close")])
    assert carry(own | {"bars": dearer}).equals(plain)


def test_a_split_of_a_stock_changes_nothing_once_its_report_is_out(single: pl.DataFrame) -> None:
    """Until then its close may have moved on its own account, and the stock has no mark."""
    own, (symbol, report) = tables(), quiet_report()
    session = trading()[trading().index(report) - 4]
    found = compute(lazily(split(own, symbol, report, session, 2)), stocks([symbol]), ["carry.mtm"])
    before = of_stock(single, "mtm", symbol)
    after = of_stock(found, "mtm", symbol)
    out = next(known for known, at in published() if at == report)
    hidden = [d for d in before if session <= d and ends()[d] < out]
    assert all(after[d] is None for d in hidden)
    rest: dict[date, float | None] = {d: v for d, v in before.items() if d not in hidden}
    assert len(hidden) > 5
    assert twins.lined_up({d: v for d, v in after.items() if d in rest}, rest) == []


def quiet_report() -> tuple[str, date]:
    """Find a stock without a split or a jump, and one of its later reports."""
    split_or_odd = {s for s, _ in twins._ratios()} | {s for s in closes() if jumps(s)}
    calm = [s for s in sorted(closes()) if s not in split_or_odd and len(entries(s)) > 150]
    return calm[0], sorted(entries(calm[0]))[100]


def split(
    own: dict[str, pl.DataFrame], symbol: str, report: date, session: date, ratio: int
) -> dict[str, pl.DataFrame]:
    """Split a stock: its bars from a session on, its reports from that of the cycle on, and the table of splits."""
    mine = pl.col("symbol") == symbol
    since, after = mine & (pl.col("settlement") >= report), mine & (pl.col("settlement") > report)
    fields = [
        pl.when(mine & (pl.col("session") >= session)).then(pl.col(c) / ratio).otherwise(c).alias(c)
        for c in ("open", "high", "low", "close")
    ]
    volume = pl.when(mine & (pl.col("session") >= session)).then(pl.col("volume") * ratio).otherwise("volume")
    rows = own["short_interest"].with_columns(
        *(pl.when(since).then(pl.col(c) * ratio).otherwise(c).alias(c) for c in ("position", "adv")),
        pl.when(after).then(pl.col("previous") * ratio).otherwise("previous").alias("previous"),
        (pl.col("split") | (mine & (pl.col("settlement") == report))).alias("split"),
    )
    bars = own["bars"].with_columns(*fields, volume.alias("volume"))
    return own | {"short_interest": rows, "bars": bars}


def test_later_bars_and_reports_change_nothing_earlier(plain: pl.DataFrame) -> None:
    own, day = tables(), trading()[1500]
    wild = [pl.when(pl.col("session") > day).then(pl.col(c) * 1.2).otherwise(c).alias(c) for c in ("high", "close")]
    later = pl.col("known_at") > ends()[day]
    more = pl.when(later).then(pl.col("position") * 2).otherwise("position").alias("position")
    changed = own | {"bars": own["bars"].with_columns(wild), "short_interest": own["short_interest"].with_columns(more)}
    found, early = carry(changed), pl.col("at").dt.date() <= day
    assert found.filter(early).equals(plain.filter(early))
    assert not found.equals(plain)


def test_too_few_members_with_closes_give_a_reason() -> None:
    own = tables()
    rows = market().truth.members.filter(pl.col("subject") == "NDX")["symbol"].unique().sort()
    few = own["bars"].filter(~pl.col("symbol").is_in(rows.head(6).to_list()))
    found = carry(own | {"bars": few}).filter(pl.col("subject") == "NDX")
    last = found.filter(pl.col("id") == "carry.mtm").sort("at").row(-1, named=True)
    assert last["value"] is None
    percent = math.floor(100 * last["coverage"])
    assert last["reason"] == (
        f"only {percent} % of members have an average short entry and a close (tables short_interest and bars)"
    )
    reasons = found.filter(pl.col("at") == last["at"])["reason"].unique().to_list()
    assert reasons == [last["reason"]]
