"""The squeeze screen's components, ranks and score, on markets written by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.tiny import DAYS, Tables, bar, outstanding, reports, split, table
from overshort import sessions
from overshort.engine.computing import compute, frame
from overshort.engine.scope import listed
from overshort.metrics.squeeze.common_stock import is_common
from overshort.metrics.squeeze.score import LEAST_CROWD, ranked_in

CROWD = [f"S{k:02d}".replace("0", "A").replace("1", "B") + chr(65 + k % 26) for k in range(LEAST_CROWD)]
COMMON_NAMES = [
    ("GME", "NYSE", "GameStop Corp. Class A"),
    ("JNPR", "NYSE", "Juniper Networks Inc"),
    ("PFBC", "NNM", "Preferred Bank Common Stock"),
    ("TSM", "NYSE", "Taiwan Semiconductor American Depositary Sh"),
    ("CBOE", "BZX", "Cboe Global Markets, Inc."),
    ("IVZ", "NYSE", "Invesco Ltd."),
    ("WT", "NYSE", "WisdomTree, Inc."),
    ("CWENA", "NYSE", "Clearway Energy, Inc. Class A"),
    ("GOOGL", "NNM", "Alphabet Inc. Class A Common St"),
    ("ABC", "NYSE", None),
]
OTHER_NAMES = [
    ("SPY", "ARCA", "SPDR S&P 500 ETF Trust"),
    ("QQQ", "NNM", "Invesco QQQ Trust, Series 1"),
    ("BACPRK", "NYSE", "Bank of America Corporation De"),
    ("QBTSWS", "NYSE", "D-Wave Quantum Inc. Warrants,"),
    ("XOSWW", "SC", "Xos, Inc. Warrants"),
    ("JVSAR", "SC", "JV SPAC Acquisition Corp. Righ"),
    ("CHAQU", "AMEX", "Chardan Healthcare Acquisition 2 Unit"),
    ("FPRC", "NYSE", "Ford Motor Company 6.000% Note"),
    ("PHK", "NYSE", "PIMCO High Income Fund"),
    ("NCIQ", "NNM", "Hashdex Nasdaq Crypto Index US ETF"),
    ("METPRA", "NYSE", "Metlife, Inc. Floating Rate No"),
    ("CTAPRA", "NYSE", "EIDP, Inc. Preferred Stock $3."),
]


def _told(rows: Sequence[tuple[str, str, str | None]]) -> list[bool]:
    frame = pl.DataFrame(rows, schema=["symbol", "market", "name"], orient="row")
    return frame.select(is_common()).to_series().to_list()


def test_common_stocks_are_told_by_market_symbol_and_name() -> None:
    assert _told(COMMON_NAMES) == [True] * len(COMMON_NAMES)
    assert _told(OTHER_NAMES) == [False] * len(OTHER_NAMES)


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")), min_size=LEAST_CROWD, max_size=60))
def test_ranks_equal_counting(values: list[float]) -> None:
    crowd = np.array(values)
    there = crowd[~np.isnan(crowd)]
    found = ranked_in(crowd, crowd)
    for value, rank in zip(crowd, found, strict=True):
        if np.isnan(value) or there.size < LEAST_CROWD:
            assert np.isnan(rank)
        else:
            assert rank == pytest.approx(100 * ((there < value).sum() + 0.5 * (there == value).sum()) / there.size)


def _market(**more: Any) -> Tables:
    """Thirty stocks over five reports: stock k holds 100 (k + 1) shares, the last twice as many at the third report."""
    held = {s: [100 * (k + 1)] * 5 for k, s in enumerate(CROWD)}
    held[CROWD[-1]] = [3000, 3000, 6000, 6000, 6000]
    tables = {"short_interest": reports(held)}
    return tables | {n: t if isinstance(t, pl.LazyFrame) else table(n, t) for n, t in more.items()}


def _rows(tables: Tables, symbol: str, id: str) -> list[dict[str, Any]]:
    found = compute(tables, listed([symbol]), [f"squeeze.{id}"])
    return found.with_columns(pl.col("at").dt.date()).sort("at", "known_at").to_dicts()


def test_days_and_change_are_ranked_among_all() -> None:
    third = _rows(_market(), CROWD[-1], "rank_change")[2]
    assert third["value"] == pytest.approx(100 * 29.5 / 30)
    assert third["n"] == 30
    others = _rows(_market(), CROWD[0], "rank_change")[2]
    assert others["value"] == pytest.approx(100 * 14.5 / 30)
    assert [r["value"] for r in _rows(_market(), CROWD[0], "rank_dtc")] == pytest.approx([100 * 0.5 / 30] * 5)


def test_days_to_cover_stand_in_for_a_float_and_the_row_says_so() -> None:
    row = _rows(_market(), CROWD[-1], "score")[2]
    assert row["n"] == 3
    assert row["text"] == "dtc in place of short_float"
    assert row["value"] == pytest.approx(100 * 29.5 / 30)


def test_two_components_are_no_score() -> None:
    first = _rows(_market(), CROWD[0], "score")[0]
    assert first["value"] is None
    assert first["reason"] == "only 2 of the five components are known, under 3"


def test_a_small_crowd_ranks_nobody() -> None:
    few = {"short_interest": reports({s: [100, 200] for s in CROWD[:5]})}
    row = _rows(few, CROWD[0], "rank_dtc")[0]
    assert row["value"] is None
    assert row["reason"] == f"only 5 stocks of the report have it, under {LEAST_CROWD}"


def test_a_split_is_no_change() -> None:
    tables = _market(splits=[split(CROWD[-1], DAYS[2], 2.0)])
    assert _rows(tables, CROWD[-1], "rank_change")[2]["value"] == pytest.approx(50)


def test_a_float_counted_after_publication_is_a_later_vintage() -> None:
    third = DAYS[2]
    published = sessions.publication(third)[0]
    early, late = third - timedelta(days=2), (published + timedelta(days=1)).date()
    counts = [
        outstanding(CROWD[-1], early, 9000) | {"float": 5000.0},
        outstanding(CROWD[-1], late, 9000) | {"float": 8000.0},
    ]
    rows = [r for r in _rows(_market(shares=counts), CROWD[-1], "short_float") if r["at"] == third]
    assert [r["value"] for r in rows] == [6000 / 5000, 6000 / 8000]
    assert [r["base_at"] for r in rows] == [early, late]
    assert rows[0]["known_at"] == published
    assert rows[1]["known_at"] == sessions.at_new_york(late, datetime.min.time().replace(hour=23, minute=59))


def _days(count: int, last: date) -> list[date]:
    return [d for d in sessions.schedule()["session"].to_list() if d <= last][-count:]


def test_price_over_its_volume_weighted_mean() -> None:
    day = sessions.publication(DAYS[2])[0].astimezone(sessions.NEW_YORK).date()
    closes = [10.0] * 59 + [16.0]
    volumes = [1.0] * 59 + [5.0]
    bars = [
        bar(CROWD[3], d, c, "split") | {"volume": v} for d, c, v in zip(_days(60, day), closes, volumes, strict=True)
    ]
    row = _rows(_market(bars=bars), CROWD[3], "over_vwap")[2]
    mean = sum(c * v for c, v in zip(closes, volumes, strict=True)) / sum(volumes)
    assert row["value"] == pytest.approx(16 / mean - 1)
    unclean = [b | {"adjustment": "none"} for b in bars]
    jumped = [b | {"close": b["close"] / (3 if k < 30 else 1)} for k, b in enumerate(unclean)]
    assert _rows(_market(bars=jumped), CROWD[3], "over_vwap")[2]["value"] is None


def _fails(symbol: str, session: date, quantity: float, known: datetime) -> dict[str, Any]:
    row = {"symbol": symbol, "session": session, "kind": "fails", "quantity": quantity, "symbol_raw": symbol}
    return row | {"known_at": known}


def test_fails_count_only_once_published() -> None:
    published = sessions.publication(DAYS[2])[0]
    flows = [
        _fails(CROWD[0], DAYS[2] - timedelta(days=20), 50, published - timedelta(days=1)),
        _fails(CROWD[0], DAYS[2] - timedelta(days=3), 999, published + timedelta(days=1)),
    ]
    assert _rows(_market(flows=flows), CROWD[0], "fails")[2]["value"] == pytest.approx(50 / 100)


def test_a_fee_is_known_from_the_week_before() -> None:
    published = sessions.publication(DAYS[2])[0].astimezone(UTC)
    rows = [
        {"symbol": s, "at": published - timedelta(days=2), "fee": 0.01 * (k + 1), "capped": False, "symbol_raw": s}
        | {"known_at": published - timedelta(days=2)}
        for k, s in enumerate(CROWD)
    ]
    tables = _market(borrow=rows)
    own = _rows(tables, CROWD[-1], "rank_fee")
    assert own[2]["value"] == pytest.approx(100 * 29.5 / 30)
    assert own[3]["value"] is None
    assert own[3]["reason"].startswith("neither a fee of the last seven days")
    assert _rows(tables, CROWD[-1], "score")[2]["n"] == 4


def test_an_export_of_single_names_is_no_crowd() -> None:
    lone = reports({CROWD[0]: [1, 1, 1, 1, 1, 7]}, days=[*DAYS, date(2024, 3, 28)]).filter(
        pl.col("settlement") == date(2024, 3, 28)
    )
    tables = _market() | {"short_interest": pl.concat([_market()["short_interest"], lone])}
    settled = frame("squeezed", tables, listed(CROWD))["settlement"].unique().sort().to_list()
    assert settled == DAYS
