"""Report-dated tables: short interest, splits, totals, publications, membership and shares."""

from datetime import date, time

import numpy as np
import polars as pl

from overshort import schema, sessions
from overshort.demo.grid import EXTRA, Floats, Grid, Ints
from overshort.demo.members import Spell, published
from overshort.demo.positions import Reports
from overshort.demo.universe import LARGE, SMALL, Universe

__all__ = [
    "instant",
    "membership",
    "publications",
    "shares",
    "short_interest",
    "splits",
    "totals",
    "typed",
]

SOURCE = "simulated"
DATASET = "finra.short_interest"
MIDNIGHT, NIGHT = time(0), time(23, 59)
QUARTER_DAYS = ((2, 10), (5, 10), (8, 10), (11, 10))
ROUNDING = 10_000
WRONG_BY = 1000
"""Shares outstanding of two rows are given in thousands by mistake: an outlier rule has to notice."""


def typed(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give exactly the columns and types of a table, without those that the importer fills, sorted by key."""
    table = schema.table(name)
    columns = {c: t for c, t in table.columns.items() if c not in ("sha256", "batch")}
    whole = rows.with_columns(pl.lit(SOURCE).alias("source"))
    if "symbol_raw" in columns:
        whole = whole.with_columns(pl.col("symbol").alias("symbol_raw"))
    return whole.select(pl.col(c).cast(t) for c, t in columns.items()).sort(table.key)


def instant(day: str, clock: time) -> pl.Expr:
    """Give the UTC instant of a wall-clock time in New York on a column of days."""
    return pl.col(day).dt.combine(clock, "us").dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")


def _known(days: list[date]) -> pl.DataFrame:
    return sessions.publications(days).select("settlement", pl.col("published_at").alias("known_at"))


def _names(universe: Universe) -> list[str]:
    return [f"Simulated {s.title()} Inc." for s in universe.symbols]


def _days_to_cover(rows: pl.DataFrame) -> pl.DataFrame:
    """Clamp as the publisher does; a volume of 0 gives the upper end."""
    return rows.with_columns((pl.col("position") / pl.col("adv")).clip(1.0, 999.99).alias("dtc_published"))


def short_interest(grid: Grid, universe: Universe, reports: Reports) -> pl.DataFrame:
    """Give the rows of all reports."""
    shown = slice(1, len(grid.settlements) - EXTRA)
    there = reports.there[shown]
    k, i = np.nonzero(there)
    values = {n: getattr(reports, n)[shown][there] for n in ("position", "previous", "adv", "split", "revised")}
    named = {
        "symbol": universe.symbols,
        "market": universe.market,
        "exchange": universe.exchange,
        "name": _names(universe),
    }
    rows = pl.DataFrame(
        {"settlement": pl.Series(grid.reports).gather(k), **values}
        | {c: pl.Series(v).gather(i) for c, v in named.items()}
    )
    traded = pl.Series(reports.traded[shown][there])
    rows = rows.with_columns(pl.when(traded).then("adv").alias("adv"))
    return typed("short_interest", _days_to_cover(rows).join(_known(grid.reports), on="settlement"))


def splits(grid: Grid, universe: Universe, reports: Reports) -> pl.DataFrame:
    """Give the splits that a table knows: about half."""
    tabled = [s for s in universe.splits if s.tabled and reports.split[s.cycle, s.stock]]
    rows = pl.DataFrame(
        {
            "symbol": [universe.symbols[s.stock] for s in tabled],
            "settlement": [grid.settlements[s.cycle] for s in tabled],
            "ratio": [s.ratio for s in tabled],
        }
    ).with_columns(runner_up=pl.lit(None), basis=pl.lit("table"))
    return typed("splits", rows.join(_known(grid.reports), on="settlement"))


def totals(grid: Grid, universe: Universe, reports: Reports) -> pl.DataFrame:
    """Give the exchange's announced totals of all reports and of a few settlements after the last one."""
    days = grid.settlements[1:]
    market = np.array(universe.market)
    parts = []
    for name, classes in {"all": ("NNM", "SC"), "NNM": ("NNM",), "SC": ("SC",)}.items():
        own = np.isin(market, classes)
        issues, held = reports.there[1:, own].sum(axis=1), reports.position[1:, own].sum(axis=1)
        part = pl.DataFrame({"settlement": days, "issues": issues, "shares": held})
        parts.append(part.with_columns(subject=pl.lit("NASDAQ"), market=pl.lit(name)))
    return typed("totals", pl.concat(parts).join(_known(days), on="settlement"))


def publications(grid: Grid) -> pl.DataFrame:
    """Give when each report was published; the calendar itself is known at settlement."""
    rows = sessions.publications(grid.reports).with_columns(dataset=pl.lit(DATASET))
    return typed("publications", rows.with_columns(known_at=instant("settlement", MIDNIGHT)))


def _weights(rows: pl.DataFrame, grid: Grid, caps: Floats) -> pl.DataFrame:
    """Weigh a snapshot's members by market value."""
    place = {d: n for n, d in enumerate(grid.days)}
    keys = zip(rows["dated"], rows["stock"], strict=True)
    value = pl.Series([float(caps[place[d], i]) for d, i in keys])
    return rows.with_columns(value.alias("cap")).with_columns(
        (pl.col("cap") / pl.col("cap").sum().over("dated")).alias("weight")
    )


def membership(grid: Grid, universe: Universe, spells: list[Spell], caps: Floats) -> pl.DataFrame:
    """Give the published lists of members; ``caps`` is market value, session by security."""
    rows = published(spells, grid)
    held = pl.col("basis") == "snapshot"
    whole = pl.concat([rows.filter(~held), _weights(rows.filter(held), grid, caps)], how="diagonal")
    known = pl.when(held).then(instant("dated", NIGHT)).otherwise(instant("first", MIDNIGHT))
    symbol = pl.Series(universe.symbols).gather(whole["stock"])
    return typed("membership", whole.with_columns(symbol.alias("symbol"), known.alias("known_at")))


def _filings(grid: Grid, universe: Universe, stocks: Ints) -> tuple[Ints, Ints]:
    """Give the (stock, session) pairs at which a count of shares becomes visible."""
    years = range(grid.days[0].year, grid.days[grid.end - 1].year + 1)
    quarters = [grid.index(date(y, m, d)) for y in years for m, d in QUARTER_DAYS]
    pairs = {(i, max(n, int(universe.listed[i]))) for i in stocks.tolist() for n in [0, *quarters]}
    pairs |= {(s.stock, s.day + 1) for s in universe.splits if s.stock in stocks}
    inside = sorted((i, n) for i, n in pairs if n < min(grid.end, int(universe.gone[i])))
    found = np.array(inside, dtype=np.int64)
    return found[:, 0], found[:, 1]


def _mistakes(universe: Universe, stock: Ints) -> Ints:
    """Choose one row of a large and one of a small cap, half way through, of steady and well shorted stocks."""
    moved = {s.stock for s in universe.splits}
    places = []
    for group in (LARGE, SMALL):
        steady = [i for i in universe.of(group).tolist() if i not in moved and i in stock and universe.listed[i] == 0]
        chosen = sorted(steady, key=lambda i: float(universe.short[i]))[3 * len(steady) // 4]
        own = np.flatnonzero(stock == chosen)
        places.append(int(own[len(own) // 2]))
    return np.array(places, dtype=np.int64)


def shares(rng: np.random.Generator, grid: Grid, universe: Universe, outstanding: Floats) -> pl.DataFrame:
    """Give shares outstanding and float, each quarter and after splits; ``outstanding`` in shares of the day."""
    stocks = np.flatnonzero(universe.group <= SMALL)
    small = universe.of(SMALL)
    stocks = np.setdiff1d(stocks, rng.permutation(small)[: max(1, len(small) // 50)])
    stock, session = _filings(grid, universe, stocks)
    count = outstanding[session, stock]
    wrong = _mistakes(universe, stock)
    count[wrong] /= WRONG_BY
    rows = pl.DataFrame(
        {
            "symbol": pl.Series(universe.symbols).gather(stock),
            "at": pl.Series(grid.days).gather(session),
            "outstanding": np.maximum(np.rint(count / ROUNDING), 1) * ROUNDING,
            "float": np.maximum(np.rint(count * universe.free[stock] / ROUNDING), 1) * ROUNDING,
        }
    )
    return typed("shares", rows.with_columns(rounding=pl.lit(ROUNDING), known_at=instant("at", NIGHT)))
