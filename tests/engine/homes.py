"""Stores filled with invented reports, and ways to look at them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from overshort import schema
from overshort.engine.ingest import Outcome, Report, import_paths
from overshort.sources import Options
from overshort.store.lake import Lake

__all__ = ["NOW", "assert_same", "invented", "line", "only", "report", "statuses", "take", "visible"]

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
SETTLED = date(2024, 1, 12)
HEADER = (
    "accountingYearMonthNumber|symbolCode|issueName|issuerServicesGroupExchangeCode|marketClassCode"
    "|currentShortPositionQuantity|previousShortPositionQuantity|stockSplitFlag|averageDailyVolumeQuantity"
    "|daysToCoverQuantity|revisionFlag|changePercent|changePreviousNumber|settlementDate"
)


def line(
    symbol: str,
    position: object,
    *,
    day: date = SETTLED,
    previous: object = 50,
    adv: object = 10,
    name: str = "Invented Inc.",
    flag: str = "",
) -> str:
    """Give one row of a consolidated report."""
    return f"{day:%Y%m%d}|{symbol}|{name}|R|NNM|{position}|{previous}|{flag}|{adv}|5.00||0|0|{day}"


def report(*lines: str, end: str = "\n") -> bytes:
    """Give a consolidated report."""
    return (end.join([HEADER, *lines]) + end).encode()


def invented(day: date, *, names: int, seed: int) -> bytes:
    """Give a consolidated report of many random rows."""
    drawn = np.random.default_rng(seed).integers(0, 10_000_000, (names, 3)).tolist()
    rows = (line(f"Z{k:05}", a, previous=b, adv=c, day=day) for k, (a, b, c) in enumerate(drawn))
    return report(*rows)


def take(home: Path, *paths: Path, options: Options | None = None, dry_run: bool = False) -> Report:
    """Import files or folders."""
    return import_paths(home, paths, options=options or Options(), dry_run=dry_run, progress=lambda *_: None, now=NOW)


def only(found: Report) -> Outcome:
    """Give the outcome of an import of one file."""
    assert len(found.outcomes) == 1
    return found.outcomes[0]


def statuses(found: Report) -> dict[str, str]:
    """Give the status of each file by its name."""
    return {Path(o.file).name: o.status for o in found.outcomes}


def visible(home: Path | Lake, *, but: Iterable[str] = ("batch",)) -> dict[str, pl.DataFrame]:
    """Give the visible rows of every table, sorted, without some columns."""
    lake = home if isinstance(home, Lake) else Lake.open(home)
    frames = {}
    for name, table in schema.TABLES.items():
        rows = lake.scan(name).collect()
        frames[name] = rows.sort(*table.key, "known_at").drop(*(c for c in but if c in rows.columns))
    return frames


def assert_same(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> None:
    """Compare two stores row for row."""
    for name in schema.TABLES:
        assert_frame_equal(one[name], other[name], check_exact=True)
