"""The simulated market's member rows in plain Python, from its tables and its truth, and slow twins of the metrics.

Members and split ratios are the true ones; positions, volumes, closes and shares outstanding those of the tables.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from statistics import median

import numpy as np
import polars as pl

from contracts.market import market
from demo.markets import true_members

__all__ = ["Row", "bases", "change", "growths", "lined_up", "members_rows", "residuals", "settlements"]

CLASSES = {"NASDAQ": ("NNM", "SC"), "LISTED": ("NNM", "SC", "NYSE", "AMEX", "ARCA", "BZX", "IEX")}


class Row:
    """One member at one report."""

    def __init__(self, row: dict[str, object], ratio: float, close: float | None, outstanding: float | None) -> None:
        self.symbol, self.market = str(row["symbol"]), str(row["market"])
        self.position, self.previous, self.adv = int(row["position"]), int(row["previous"] or 0), row["adv"]
        self.ratio, self.close, self.outstanding = ratio, close, outstanding
        self.expected = self.previous * ratio

    @property
    def share(self) -> float | None:
        return None if self.outstanding is None else self.position / self.outstanding


@cache
def _ratios() -> dict[tuple[str, date], float]:
    return {(symbol, day): ratio for symbol, day, ratio in market().truth.splits.iter_rows()}


@cache
def _closes() -> dict[tuple[str, date], float]:
    bars = market().tables["bars"].filter(pl.col("interval") == "1d", pl.col("adjustment") == "none")
    return {(symbol, day): close for symbol, day, close in bars.select("symbol", "session", "close").iter_rows()}


@cache
def _outstanding() -> dict[str, list[tuple[str, date, float]]]:
    out: dict[str, list[tuple[str, date, float]]] = {}
    shares = market().tables["shares"].select("symbol", "known_at", "at", "outstanding")
    for symbol, known, at, value in shares.iter_rows():
        out.setdefault(symbol, []).append((str(known), at, value))
    return {symbol: sorted(seen) for symbol, seen in out.items()}


def _known_outstanding(symbol: str, day: date, published: object) -> float | None:
    """The newest count, at most 400 days old, in the shares of the report: splits of cycles begun since count."""
    seen = _outstanding().get(symbol, [])
    k = bisect_right([known for known, _, _ in seen], str(published))
    if not k or (day - seen[k - 1][1]).days > 400:
        return None
    _, at, value = seen[k - 1]
    calendar = sorted(_rows_by_day())
    for (own, split), ratio in sorted(_ratios().items()):
        begun = calendar[calendar.index(split) - 1]
        if own == symbol and split <= day and begun >= at:
            value *= ratio
    return value


@cache
def _rows_by_day() -> dict[date, list[dict[str, object]]]:
    out: dict[date, list[dict[str, object]]] = {}
    for row in market().tables["short_interest"].sort("symbol").iter_rows(named=True):
        out.setdefault(row["settlement"], []).append(row)
    return out


@cache
def _rows() -> dict[date, list[Row]]:
    out: dict[date, list[Row]] = {}
    for row in market().tables["short_interest"].sort("symbol").iter_rows(named=True):
        key = row["symbol"], row["settlement"]
        known = _known_outstanding(row["symbol"], row["settlement"], row["known_at"])
        out.setdefault(row["settlement"], []).append(Row(row, _ratios().get(key, 1.0), _closes().get(key), known))
    return out


def settlements() -> list[date]:
    return sorted(_rows())


@cache
def members_rows(subject: str) -> dict[date, list[Row]]:
    """Give the members' rows of an index or exchange, or of one stock, by settlement."""
    out = {}
    for day, rows in sorted(_rows().items()):
        if subject in CLASSES:
            out[day] = [r for r in rows if r.market in CLASSES[subject]]
        else:
            own = true_members(market(), subject, day) or {subject}
            out[day] = [r for r in rows if r.symbol in own]
    return {day: rows for day, rows in out.items() if rows}


def chained(subject: str) -> Iterator[tuple[date, list[Row]]]:
    for day, rows in members_rows(subject).items():
        yield day, [r for r in rows if r.previous > 0]


def growths(subject: str, without: str | None = None, kind: str = "clean") -> list[float]:
    """Give each cycle's growth; 1 at the first report."""
    out = [1.0]
    for _, rows in list(chained(subject))[1:]:
        own = [r for r in rows if r.symbol != without]
        above = math.fsum(r.position for r in own)
        match kind:
            case "naive":
                out.append(above / math.fsum(r.previous for r in own))
            case "median":
                out.append(median(r.position / r.expected for r in own))
            case _:
                out.append(above / math.fsum(r.expected for r in own))
    return out


def chain(subject: str) -> list[float]:
    return [100 * math.prod(growths(subject)[: k + 1]) for k in range(len(growths(subject)))]


def bases(days: Sequence[date], window: str) -> list[int | None]:
    """Give for each report the place of its base report."""
    out: list[int | None] = []
    for k, day in enumerate(days):
        years = [j for j in range(k) if days[j].year == day.year - 1]
        found = {"last": k - 1, "12m": k - 24, "ytd": years[-1] if years else -1}[window]
        out.append(found if found >= 0 else None)
    return out


def change(growth: Sequence[float], base: int, at: int) -> float:
    return math.prod(growth[base + 1 : at + 1]) - 1


def residuals(values: Sequence[float]) -> list[float]:
    """Give residuals on a constant and a linear trend, by numpy's least squares."""
    design = np.column_stack([np.ones(len(values)), np.arange(len(values))])
    coefficients = np.linalg.lstsq(design, np.array(values), rcond=None)[0]
    return list(np.array(values) - design @ coefficients)


def lined_up(
    found: dict[object, float | None], expected: dict[date, float | None]
) -> list[tuple[object, object, object]]:
    """Give the reports at which two results differ by more than 1e-9 of the value."""
    wrong: list[tuple[object, object, object]] = []
    for day in sorted({*found, *expected}):
        one, other = found.get(day), expected.get(day)
        same = one is other is None or (
            one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-11)
        )
        if not same:
            wrong.append((day, one, other))
    return wrong
