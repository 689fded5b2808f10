"""One day of option trades, and who adds its premium up by underlying, side, right and minute."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from pieces import GROUP, MINUTE_NS, MINUTES, OPEN_NS, SEED, groups, numbers

__all__ = ["CONTESTANTS", "KEYS", "make_day"]

UNDERLYINGS = 5_000
SIDES, RIGHTS = ("aa", "a", "mid", "b", "bb", "none"), ("C", "P")
NAMES = [f"U{k:04}" for k in range(UNDERLYINGS)]
CONDITIONS = {209: 0.62, 219: 0.13, 227: 0.09, 228: 0.01, 229: 0.01, 231: 0.01, 232: 0.07, 233: 0.03, 236: 0.01}
CONDITIONS |= {237: 0.005, 246: 0.005, 202: 0.005, 201: 0.005}
SINGLE = (209, 210, 219, 231, 227, 228, 229, 230)
"""Conditions of a single leg, auctions included, in Massive's numbers."""
COLUMNS = ("ts_ns", "underlying", "right", "condition", "price", "size", "bid", "ask")
OUT = {"minute": np.int64, "underlying": np.uint16, "right": np.uint8, "side": np.uint8, "premium": np.int64}
KEYS = ("underlying", "side", "right", "minute")


def make_day(path: Path, rows: int) -> None:
    """Write one day of trades: most in few underlyings, and at the open and the close."""
    rng = np.random.default_rng(SEED)
    weights = 1 / np.arange(1, UNDERLYINGS + 1) ** 1.05
    underlying = rng.choice(UNDERLYINGS, rows, p=weights / weights.sum()).astype(np.uint32)
    shape = 0.6 + 1.6 * np.linspace(-1, 1, MINUTES) ** 4
    minute = np.sort(rng.choice(MINUTES, rows, p=shape / shape.sum()))
    ts = np.sort(OPEN_NS + minute * MINUTE_NS + rng.integers(0, MINUTE_NS, rows))
    bid = np.maximum(1, rng.lognormal(4.6, 1.2, rows)).astype(np.int64)
    ask = bid + np.maximum(1, bid // 30) * rng.integers(1, 4, rows)
    place = rng.choice(5, rows, p=[0.02, 0.33, 0.32, 0.31, 0.02])
    price = np.choose(place, [ask + 1, ask, (bid + ask) // 2, bid, np.maximum(bid - 1, 1)])
    ask = np.where(rng.random(rows) < 0.003, bid, ask)
    size = np.minimum(1 + rng.geometric(0.25, rows) * rng.choice([1, 1, 1, 10], rows), 10_000).astype(np.int32)
    quoted = rng.random((2, rows)) > 0.002
    frame = pl.DataFrame(
        {
            "ts_ns": ts,
            "underlying": pl.Series(underlying, dtype=pl.UInt32).cat.to(pl.Enum(NAMES)),
            "right": pl.Series(rng.integers(0, 2, rows), dtype=pl.UInt32).cat.to(pl.Enum(RIGHTS)),
            "condition": rng.choice(list(CONDITIONS), rows, p=list(CONDITIONS.values())).astype(np.int16),
            "price": price / 100,
            "size": size,
            "bid": pl.Series(bid / 100).set(pl.Series(~quoted[0]), None),
            "ask": pl.Series(ask / 100).set(pl.Series(~quoted[1]), None),
        }
    )
    frame.write_parquet(path, row_group_size=GROUP)


def day_decode(folder: Path) -> Callable[[], pl.DataFrame]:
    return lambda: pl.read_parquet(folder / "day.parquet", columns=list(COLUMNS))


def day_pieces(folder: Path) -> Callable[[], int]:
    return lambda: sum(frame.height for frame in groups(folder / "day.parquet", COLUMNS))


def quote_rule() -> Callable[..., int]:
    """Give the compiled rule: a place in :data:`SIDES` for a price, a bid and an ask in hundredths of a cent."""
    import numba

    @numba.njit(nogil=True)
    def rule(price, bid, ask, whole):
        if bid >= ask:
            return 5
        if price >= ask:
            return 0 if price > ask else 1
        if price <= bid:
            return 4 if price < bid else 3
        return 2 if whole else 5

    return rule


def compiled() -> Callable[..., int]:
    """Give the pass that adds trades to the cells of one minute, and puts them out when the next one begins."""
    import numba

    rule, far = quote_rule(), np.int64(1) << 60

    @numba.njit(nogil=True)
    def put(cells, minute, out, n):
        minutes, underlyings, rights, sides, premiums = out
        for k in range(cells.size):
            if cells[k]:
                minutes[n], premiums[n] = minute, cells[k]
                underlyings[n], rights[n], sides[n] = k // 12, k // 6 % 2, k % 6
                cells[k] = 0
                n += 1
        return n

    @numba.njit(nogil=True)
    def add(columns, single, cells, current, out):
        ts, underlying, right, condition, price, size, bid, ask = columns
        n = 0
        for i in range(ts.size):
            if not single[condition[i]]:
                continue
            # A side that is missing is one that no price reaches.
            has_bid, has_ask = bid[i] == bid[i], ask[i] == ask[i]
            b = np.int64(np.rint(bid[i] * 10_000)) if has_bid else np.int64(-1)
            a = np.int64(np.rint(ask[i] * 10_000)) if has_ask else far
            p = np.int64(np.rint(price[i] * 10_000))
            minute = (ts[i] - OPEN_NS) // MINUTE_NS
            if minute != current[0]:
                n, current[0] = put(cells, current[0], out, n), minute
            place = (np.int64(underlying[i]) * 2 + right[i]) * 6 + rule(p, b, a, has_bid and has_ask)
            cells[place] += p * size[i] * 100
        return put(cells, current[0], out, n) if columns[0].size == 0 else n

    return add


def named(columns: Iterable[np.ndarray]) -> pl.DataFrame:
    """Give cells with the names of their keys."""
    names = {"underlying": NAMES, "right": RIGHTS, "side": SIDES}
    frame = pl.DataFrame(dict(zip(OUT, columns, strict=True)))
    return frame.with_columns(pl.col(c).cat.to(pl.Enum(n)) for c, n in names.items())


def day_ours(folder: Path) -> Callable[[], pl.DataFrame]:
    """Give one compiled pass over pieces; compiling is outside of what is timed.

    Trades must stand in the order of time: the cells of one minute, 480 kB, are all that is in use at once.
    """
    add, path = compiled(), folder / "day.parquet"
    single = np.zeros(1024, np.bool_)
    single[list(SINGLE)] = True

    def run(rows: int | None = None) -> pl.DataFrame:
        cells, current = np.zeros(UNDERLYINGS * len(RIGHTS) * len(SIDES), np.int64), np.array([-1])
        parts = []

        def take(frame: pl.DataFrame) -> None:
            out = tuple(np.empty(frame.height + cells.size, t) for t in OUT.values())
            n = add(tuple(numbers(frame)), single, cells, current, out)
            parts.append([c[:n].copy() for c in out])

        for frame in groups(path, COLUMNS, rows):
            take(frame)
        take(frame.clear())
        return named(np.concatenate(c) for c in zip(*parts, strict=True))

    run(GROUP)
    return run


def day_polars(folder: Path) -> Callable[[], pl.DataFrame]:
    price, bid, ask = ((pl.col(c) * 10_000).round().cast(pl.Int64) for c in ("price", "bid", "ask"))
    side = (
        pl.when((bid >= ask).fill_null(False))
        .then(pl.lit("none"))
        .when(price > ask)
        .then(pl.lit("aa"))
        .when(price == ask)
        .then(pl.lit("a"))
        .when(price < bid)
        .then(pl.lit("bb"))
        .when(price == bid)
        .then(pl.lit("b"))
        .when(bid.is_not_null() & ask.is_not_null())
        .then(pl.lit("mid"))
        .otherwise(pl.lit("none"))
    )
    query = (
        pl.scan_parquet(folder / "day.parquet")
        .filter(pl.col("condition").is_in(SINGLE))
        .select(
            "underlying",
            side.cast(pl.Enum(SIDES)).alias("side"),
            "right",
            ((pl.col("ts_ns") - OPEN_NS) // MINUTE_NS).alias("minute"),
            (price * pl.col("size") * 100).alias("premium"),
        )
        .group_by(KEYS)
        .agg(pl.col("premium").sum())
    )
    return lambda: query.collect(engine="streaming")


def day_duckdb(folder: Path) -> Callable[[], Any]:
    import duckdb

    query = f"""
        WITH counted AS (
            SELECT underlying, "right", (ts_ns - {OPEN_NS}) // {MINUTE_NS} AS minute, size,
                CAST(round(price * 10000) AS BIGINT) AS p,
                CAST(round(bid * 10000) AS BIGINT) AS b, CAST(round(ask * 10000) AS BIGINT) AS a
            FROM read_parquet('{folder / "day.parquet"}') WHERE condition IN {SINGLE})
        SELECT underlying, CASE WHEN b >= a THEN 'none' WHEN p > a THEN 'aa' WHEN p = a THEN 'a' WHEN p < b THEN 'bb'
            WHEN p = b THEN 'b' WHEN a IS NOT NULL AND b IS NOT NULL THEN 'mid' ELSE 'none' END AS side,
            "right", minute, CAST(sum(p * size * 100) AS BIGINT) AS premium
        FROM counted GROUP BY ALL"""
    return lambda: duckdb.sql(query).fetchnumpy()


def day_pandas(folder: Path) -> Callable[[], pl.DataFrame]:
    import pandas as pd

    def run() -> pl.DataFrame:
        read = pl.read_parquet(folder / "day.parquet", columns=list(COLUMNS))
        names = {"underlying": NAMES, "right": list(RIGHTS)}
        held = {c: v for c, v in zip(COLUMNS, numbers(read), strict=True) if c not in names}
        held |= {c: pd.Categorical.from_codes(read[c].to_physical().to_numpy(), n) for c, n in names.items()}
        frame = pd.DataFrame(held, copy=False)
        frame = frame[frame["condition"].isin(SINGLE)]
        p, b, a = ((frame[c] * 10_000).round() for c in ("price", "bid", "ask"))
        rules = [b >= a, p > a, p == a, p < b, p == b, b.notna() & a.notna()]
        code = np.select(rules, [5, 0, 1, 4, 3, 2], default=5)
        keyed = frame[["underlying", "right"]].assign(
            side=pd.Categorical.from_codes(code, list(SIDES)),
            minute=(frame["ts_ns"] - OPEN_NS) // MINUTE_NS,
            premium=p.astype("int64") * frame["size"].astype("int64") * 100,
        )
        found = keyed.groupby(list(KEYS), observed=True, sort=False)["premium"].sum().reset_index()
        return pl.DataFrame({c: np.asarray(found[c]) for c in found})

    return run


CONTESTANTS: Mapping[str, tuple[str, Callable[[Path], Callable[[], Any]]]] = MappingProxyType(
    {
        "day-decode": ("decode of the columns, Polars", day_decode),
        "day-pieces": ("the same piece by piece, as ours reads", day_pieces),
        "day-ours": ("one compiled pass over pieces", day_ours),
        "day-polars": ("Polars streaming", day_polars),
        "day-duckdb": ("DuckDB", day_duckdb),
        "day-pandas": ("pandas", day_pandas),
    }
)
