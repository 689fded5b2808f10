"""Quotes and trades in the order of time, and who joins to each trade the quote of its contract strictly before it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from pieces import GROUP, MINUTE_NS, MINUTES, OPEN_NS, SEED, groups, numbers

__all__ = ["CONTESTANTS", "make_join"]

CONTRACTS = 400_000


def make_join(folder: Path, quotes: int, trades: int) -> None:
    """Write quotes and trades in the order of time; one trade in ten shares its instant with a quote."""
    rng = np.random.default_rng(SEED)
    contract = (CONTRACTS * rng.random(quotes) ** 3).astype(np.uint32)
    ts = OPEN_NS + np.cumsum(rng.integers(1, 2 * MINUTES * MINUTE_NS // quotes, quotes))
    bid = np.maximum(1, rng.lognormal(4.6, 1.2, quotes)).astype(np.int64)
    bids, asks = bid / 100, (bid + 1 + bid // 30) / 100
    pl.DataFrame({"ts": ts, "contract": contract, "bid": bids, "ask": asks}).write_parquet(
        folder / "quotes.parquet", row_group_size=GROUP
    )
    own = np.unique(np.concatenate([rng.choice(ts, trades // 10), rng.integers(ts[0], ts[-1], trades - trades // 10)]))
    at = np.minimum(np.searchsorted(ts, own), quotes - 1)
    same = np.where(rng.random(own.size) < 0.5, contract[at], (CONTRACTS * rng.random(own.size) ** 3).astype(np.uint32))
    pl.DataFrame({"ts": own, "contract": same}).write_parquet(folder / "trades.parquet", row_group_size=GROUP)


def join_decode(folder: Path) -> Callable[[], object]:
    return lambda: [pl.read_parquet(folder / f"{n}.parquet") for n in ("quotes", "trades")]


def join_ours(folder: Path) -> Callable[[], pl.DataFrame]:
    """Give a merge of the two files: the last quote of every contract is kept, trades take it as they come."""
    import numba

    @numba.njit(nogil=True)
    def merge(ts, contract, bid, ask, last, at, own, out, j):
        for i in range(ts.size):
            while j < at.size and at[j] <= ts[i]:
                out[j, 0], out[j, 1] = last[own[j], 0], last[own[j], 1]
                j += 1
            last[contract[i], 0], last[contract[i], 1] = bid[i], ask[i]
        return j

    def run(rows: int | None = None) -> pl.DataFrame:
        trades = pl.read_parquet(folder / "trades.parquet", n_rows=rows)
        at, own = numbers(trades)
        last, out, j = np.full((CONTRACTS, 2), np.nan), np.empty((at.size, 2)), 0
        for frame in groups(folder / "quotes.parquet", ("ts", "contract", "bid", "ask"), rows):
            j = merge(*numbers(frame), last, at, own, out, j)
        out[j:] = last[own[j:]]
        return trades.with_columns(pl.Series(c, out[:, k]).fill_nan(None) for k, c in enumerate(("bid", "ask")))

    run(10)
    return run


def join_polars(folder: Path) -> Callable[[], pl.DataFrame]:
    trades, quotes = (pl.scan_parquet(folder / f"{n}.parquet") for n in ("trades", "quotes"))
    query = trades.join_asof(quotes, on="ts", by="contract", allow_exact_matches=False, check_sortedness=False)
    return query.collect


def join_duckdb(folder: Path) -> Callable[[], Any]:
    import duckdb

    query = f"""SELECT t.ts, t.contract, q.bid, q.ask FROM read_parquet('{folder / "trades.parquet"}') t
        ASOF LEFT JOIN read_parquet('{folder / "quotes.parquet"}') q ON t.contract = q.contract AND t.ts > q.ts"""
    return lambda: duckdb.sql(query).fetchnumpy()


def join_pandas(folder: Path) -> Callable[[], pl.DataFrame]:
    import pandas as pd

    def frame(name: str) -> Any:
        read = pl.read_parquet(folder / f"{name}.parquet")
        return pd.DataFrame(dict(zip(read.columns, numbers(read), strict=True)), copy=False)

    def run() -> pl.DataFrame:
        found = pd.merge_asof(frame("trades"), frame("quotes"), on="ts", by="contract", allow_exact_matches=False)
        return pl.DataFrame({c: found[c].to_numpy() for c in found})

    return run


CONTESTANTS: Mapping[str, tuple[str, Callable[[Path], Callable[[], Any]]]] = MappingProxyType(
    {
        "join-decode": ("decode of both files, Polars", join_decode),
        "join-ours": ("compiled merge over pieces", join_ours),
        "join-polars": ("Polars join_asof by contract", join_polars),
        "join-duckdb": ("DuckDB ASOF join", join_duckdb),
        "join-pandas": ("pandas merge_asof by contract", join_pandas),
    }
)
