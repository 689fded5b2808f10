"""Premium bought and sold minute by minute adds up to what the session bought, and to its cells."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.market import tables
from metrics.taping import DAY, cell_of, panel_of, tape, trade, values
from overshort.engine.quoted import quoted
from overshort.metrics.tape import RIGHTS, signed
from overshort.metrics.tape.minutes import FLOWS, TAPE, flow, minutes

NOON = datetime(2024, 1, 16, 17, tzinfo=UTC)
SINGLE = ("single", "auction")
Rows = list[dict[str, Any]]


def at(seconds: float, price: float = 1.2, **more: Any) -> dict[str, Any]:
    """Give a trade so many seconds after noon."""
    return trade(price, **more) | {"ts_ns": int(NOON.timestamp()) * 10**9 + round(seconds * 10**9)}


def sums(*rows: dict[str, Any]) -> pl.DataFrame:
    return minutes(signed(tape(*rows)["option_trades"])).collect().drop(TAPE)


def cell_sums(found: dict[str, float | None], right: str, sides: tuple[str, ...]) -> float:
    return sum(found[f"premium.{right}.{s}.{leg}"] or 0.0 for s in sides for leg in SINGLE)


def test_a_minute_is_told_at_its_end_and_holds_all_before_it() -> None:
    found = sums(at(0), at(59.999999999, 1.25), at(60, 1.0, size=3), at(200, 1.2, right="put"))
    assert found.rows() == [
        (NOON + timedelta(minutes=1), 245.0, 0.0, 0.0, 0.0),
        (NOON + timedelta(minutes=2), 245.0, 300.0, 0.0, 0.0),
        (NOON + timedelta(minutes=4), 245.0, 300.0, 120.0, 0.0),
    ]


@pytest.mark.parametrize(
    "row", [at(0, 1.1), at(0, leg="multi"), at(0, leg="late"), at(0, leg="cancelled"), at(0, bid=None, ask=None)]
)
def test_what_is_of_no_side_or_of_several_legs_is_in_no_minute(row: dict[str, Any]) -> None:
    assert sums(row).is_empty()
    assert sums(row, at(0, 0.9)).rows() == [(NOON + timedelta(minutes=1), 0.0, 90.0, 0.0, 0.0)]


def test_every_session_and_vendor_starts_from_nothing() -> None:
    rows = [at(0), at(0, vendor="massive"), at(86_400, session=DAY + timedelta(days=1))]
    found = minutes(signed(tape(*rows)["option_trades"])).collect()
    assert found["call_bought"].to_list() == [120.0] * 3


def test_of_nothing_there_are_columns_and_no_row() -> None:
    assert sums().columns == ["at", *(flow(r, f) for r in RIGHTS for f in FLOWS)]


TRADES = st.builds(
    at,
    st.floats(0, 900),
    st.sampled_from([0.95, 1.0, 1.05, 1.1, 1.2, 1.25]),
    right=st.sampled_from(RIGHTS),
    leg=st.sampled_from(["single", "auction", "multi", "late", "cancelled", "unknown"]),
    size=st.integers(1, 900),
)


@settings(max_examples=25)
@given(st.lists(TRADES, min_size=1, max_size=25))
def test_every_minute_is_a_plain_recount(rows: Rows) -> None:
    found = sums(*rows)
    ends = found["at"].to_list()
    assert ends == sorted(set(ends))
    for end, *shown in found.iter_rows():
        until = int(end.timestamp()) * 10**9
        own = defaultdict[str, Decimal](Decimal)
        for row in (r for r in rows if r["ts_ns"] < until):
            right, side, leg = cell_of(row)
            if leg in SINGLE:
                own[f"{right} {side[0]}"] += Decimal(str(row["price"])) * row["size"] * 100
        assert shown == [float(own[f"{r} {s}"]) for r in RIGHTS for s in "ab"]


@settings(max_examples=10)
@given(st.lists(TRADES, min_size=1, max_size=25))
def test_the_last_minute_is_the_session(rows: Rows) -> None:
    found, own = sums(*rows, at(0, 1.2)), values(panel_of(tape(*rows, at(0, 1.2))))
    for right in RIGHTS:
        assert found[flow(right, "bought")][-1] == own[f"bought_{right}s"]
        for name, sides in FLOWS.items():
            assert found[flow(right, name)][-1] == pytest.approx(cell_sums(own, right, sides), abs=1e-6)


def test_the_last_minute_of_every_simulated_session_is_the_session() -> None:
    both = {n: tables()[n].lazy() for n in ("option_trades", "option_quotes")}
    panel = panel_of(both)
    rows = signed(quoted(*both.values()).filter(pl.col("underlying") == "VIX")).collect()
    for (day,), own in rows.partition_by("session", as_dict=True).items():
        found, told = minutes(own.lazy()).collect(), values(panel, day)
        assert [found[flow(r, "bought")][-1] for r in RIGHTS] == [told[f"bought_{r}s"] for r in RIGHTS]
        sold = [cell_sums(told, r, FLOWS["sold"]) for r in RIGHTS]
        assert [found[flow(r, "sold")][-1] for r in RIGHTS] == pytest.approx(sold, abs=1e-6)
