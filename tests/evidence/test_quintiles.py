"""Members sorted twice, against a recount report by report."""

from datetime import date, timedelta
from statistics import fmean
from typing import Any

import numpy as np
import polars as pl
import pytest

from overshort.evidence.quintiles import CORNERS, GROUPS, SQUEEZE, Closes, doubly_sorted

FIRST, SESSIONS, STOCKS = date(2015, 1, 1), 420, 120
DAYS = [FIRST + timedelta(days=k) for k in range(SESSIONS)]
NAMES = [f"S{k:03d}" for k in range(STOCKS)]
ENTRIES = [260, 270, 280, 290, 300, 310, 396]
GONE, SILENT, HOLED = "S003", "S007", "S011"


def market() -> tuple[dict[str, dict[date, float]], pl.DataFrame]:
    rng = np.random.default_rng(12)
    closes: dict[str, dict[date, float]] = {}
    for name in NAMES:
        path = 50 * np.exp(np.cumsum(0.02 * rng.standard_normal(SESSIONS)))
        closes[name] = dict(zip(DAYS, path.tolist(), strict=True))
    for k in range(283, SESSIONS):  # taken over
        del closes[GONE][DAYS[k]]
    for k in range(200):  # listed late
        del closes[SILENT][DAYS[k]]
    for k in (299, 300, 301):
        del closes[HOLED][DAYS[k]]
    rows = [(DAYS[e], n, float(rng.exponential(4))) for e in ENTRIES for n in [*NAMES, "UNPRICED"]]
    return closes, pl.DataFrame(rows, schema=["entry", "symbol", "days_to_cover"], orient="row")


CLOSES, RANKED = market()
LONG_FORM = pl.DataFrame(
    [(d, n, v) for n, own in CLOSES.items() for d, v in own.items()],
    orient="row",
    schema=["session", "symbol", "close"],
)


def last(name: str, place: int, back: int) -> float | None:
    """Give the newest close at most some sessions old."""
    return next(
        (CLOSES[name][DAYS[k]] for k in range(place, max(place - back, 0) - 1, -1) if DAYS[k] in CLOSES[name]), None
    )


def groups(values: list[float]) -> list[int]:
    order = sorted(range(len(values)), key=lambda k: values[k])
    return [1 + order.index(k) * GROUPS // len(values) for k in range(len(values))]


def recount(h: int) -> list[dict[tuple[int, int], list[float]]]:
    out = []
    for entry in ENTRIES:
        if entry + h >= SESSIONS:
            continue
        rows = []
        for _, name, cover in RANKED.filter(pl.col("entry") == DAYS[entry]).iter_rows():
            if name not in CLOSES:
                continue
            base, top, paid = last(name, entry - 253, 5), last(name, entry - 22, 5), last(name, entry, 5)
            if base and top and paid:
                sold = last(name, entry + h, SESSIONS)
                assert sold is not None
                rows.append((top / base - 1, cover, sold / paid - 1))
        cells: dict[tuple[int, int], list[float]] = {}
        for m, s, (*_, r) in zip(groups([r[0] for r in rows]), groups([r[1] for r in rows]), rows, strict=True):
            cells.setdefault((m, s), []).append(r)
        out.append(cells)
    return out


@pytest.mark.parametrize("h", [5, 21])
def test_cells_are_a_recount(h: int) -> None:
    (found,) = doubly_sorted(Closes.of(LONG_FORM), RANKED, (h,))
    expected = recount(h)
    every = [fmean(r for cell in cells.values() for r in cell) for cells in expected]
    assert found["reports"] == len(expected) == len(ENTRIES)
    assert found["all"]["mean"] == pytest.approx(fmean(every))
    assert found["ended"] == sum(
        last(n, e, 5) is not None and last(n, e + h, 5) is None for e in ENTRIES for n in [GONE]
    )
    assert found["windows"] == 1 + (ENTRIES[-1] - ENTRIES[0]) // h
    for cell in found["cells"]:
        own = [cells.get((cell["momentum"], cell["shorted"]), []) for cells in expected]
        pairs = [(fmean(r), e) for r, e in zip(own, every, strict=True) if r]
        assert cell["reports"] == len(pairs)
        assert cell["mean"] == pytest.approx(fmean(r for r, _ in pairs))
        assert cell["excess"] == pytest.approx(fmean(r - e for r, e in pairs))
        assert cell["low"] <= cell["excess"] <= cell["high"]
    for name, at in CORNERS.items():
        pooled = [r for cells in expected for r in cells.get(at, [])]
        corner: dict[str, Any] = found["corners"][name]
        assert corner["n"] == len(pooled)
        assert corner["squeezed"] == pytest.approx(sum(r >= SQUEEZE for r in pooled) / len(pooled))
        assert [corner["p5"], corner["p95"]] == pytest.approx(np.quantile(pooled, [0.05, 0.95]))


def test_windows_that_are_not_over_do_not_count() -> None:
    (found,) = doubly_sorted(Closes.of(LONG_FORM), RANKED, (60,))
    assert found["reports"] == len(recount(60)) == 6
    assert doubly_sorted(Closes.of(LONG_FORM), RANKED, (150,)) == []


def test_closes_after_the_exit_change_nothing() -> None:
    entry = ENTRIES[5]
    kept = LONG_FORM.filter(pl.col("session") <= DAYS[entry + 21])
    before = doubly_sorted(Closes.of(kept), RANKED.filter(pl.col("entry") <= DAYS[entry]), (21,))
    assert before == doubly_sorted(Closes.of(LONG_FORM), RANKED.filter(pl.col("entry") <= DAYS[entry]), (21,))
