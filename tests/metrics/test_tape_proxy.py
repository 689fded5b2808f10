"""The upper-bound proxy of a chain: by hand, against DuckDB, and as of what was known when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.taping import DAY, panel_of, tape, trade, values
from metrics.tiny import table
from overshort.metrics.tape.proxy import LABEL

NOON = datetime(DAY.year, DAY.month, DAY.day, 17, tzinfo=UTC)
Tables = dict[str, pl.LazyFrame]


def line(right: str = "C", strike: int = 15, at: datetime = NOON, **more: Any) -> dict[str, Any]:
    """Give one contract of a chain taken at an instant."""
    row = {"underlying": "VIX", "at": at, "contract": f"VIX   240214{right}{strike * 1000:08d}", "source": "cboe.chain"}
    return row | {"bid": 1.0, "ask": 1.2, "volume": 10, "known_at": at + timedelta(minutes=15)} | more


def chain(*rows: dict[str, Any]) -> Tables:
    return {"option_chain": table("option_chain", list(rows))}


def proxies(tables: Tables, known: datetime | None = None) -> dict[str, float | None]:
    found = panel_of(tables)
    rows = found if known is None else found.filter(pl.col("known_at") <= known)
    return {i: v for i, v in values(rows.sort("known_at")).items() if i.startswith("proxy_")}


def test_by_hand() -> None:
    rows = (
        line(),
        line(strike=16, bid=None, ask=0.05, volume=3),
        line(strike=17, ask=None, volume=30),
        line(strike=18, volume=0),
        line(strike=19, volume=None),
        line("P", bid=2.0, ask=2.5, volume=7),
        line(contract="VIX1  240214C00015000", volume=1000),
    )
    found = panel_of(chain(*rows)).filter(pl.col("id") == "tape.proxy_calls").row(0, named=True)
    assert found["value"] == pytest.approx(10 * 1.1 * 100 + 3 * 0.025 * 100, rel=1e-15)
    assert (found["n"], found["coverage"], found["text"]) == (3, 13 / 43, LABEL)
    assert found["basis"] == "price: option chain of 12:00 New York"
    assert proxies(chain(*rows))["proxy_puts"] == 1575.0


def test_a_session_with_a_tape_and_no_chain_says_so() -> None:
    found = panel_of(tape(trade(1.2))).filter(pl.col("id").str.starts_with("tape.proxy_"))
    assert found["value"].to_list() == [None, None]
    assert set(found["reason"]) == {f"no option chain of VIX of the session {DAY} in table option_chain"}


def test_contracts_without_an_ask_have_no_mid() -> None:
    found = panel_of(chain(line(ask=None))).filter(pl.col("id") == "tape.proxy_calls").row(0, named=True)
    assert (found["value"], found["reason"]) == (None, "no call that traded has an ask in table option_chain")
    assert proxies(chain(line(volume=0))) == {"proxy_calls": 0, "proxy_puts": 0}


def test_the_newest_chain_of_the_session_stands_and_the_earlier_one_stood_before() -> None:
    later = NOON + timedelta(hours=5)
    tables = chain(line(), line(at=later, volume=25)) | tape(trade(1.2))
    assert proxies(tables, NOON + timedelta(minutes=20))["proxy_calls"] == 1100
    assert proxies(tables)["proxy_calls"] == 2750
    late = {"known_at": later + timedelta(hours=3)}
    assert proxies(chain(line(**late), line(at=later, volume=25)))["proxy_calls"] == 2750, (
        "overtaken, though told later"
    )


@pytest.mark.parametrize("hours", [-4, 8.5, 24 * 4 + 2])
def test_a_chain_outside_of_the_day_of_a_session_counts_for_none(hours: float) -> None:
    assert proxies(chain(line(at=NOON + timedelta(hours=hours)))) == {}


def test_a_chain_known_after_the_tape_replaces_the_reason() -> None:
    after = datetime(DAY.year, DAY.month, DAY.day, 23, tzinfo=UTC)
    found = panel_of(tape(trade(1.2)) | chain(line(at=after))).filter(pl.col("id") == "tape.proxy_calls")
    assert found.sort("known_at")["value"].to_list() == [None, 1100]


LINES = st.tuples(
    st.sampled_from("CP"),
    st.none() | st.integers(1, 9_999),
    st.none() | st.integers(1, 9_999),
    st.none() | st.integers(0, 10**6),
)


@settings(max_examples=25)
@given(st.lists(LINES, min_size=1, max_size=12))
def test_duckdb_agrees(lines: list[tuple[str, int | None, int | None, int | None]]) -> None:
    cents = [(r, *(None if v is None else v / 100 for v in (b, a)), v) for r, b, a, v in lines]
    rows = [line(r, k + 1, bid=b, ask=a, volume=v) for k, (r, b, a, v) in enumerate(cents)]
    found = proxies(chain(*rows))
    own = pl.DataFrame(cents, schema={"r": pl.String, "b": pl.Float64, "a": pl.Float64, "v": pl.Int64}, orient="row")
    base = duckdb.connect()
    base.execute("CREATE TABLE own (r VARCHAR, b DECIMAL(18,4), a DECIMAL(18,4), v BIGINT)")
    base.executemany("INSERT INTO own VALUES (?, ?, ?, ?)", own.rows())
    for right, letter in (("calls", "C"), ("puts", "P")):
        query = """SELECT coalesce(sum((coalesce(b, 0) + a) / 2 * v * 100) FILTER (a IS NOT NULL), 0),
            coalesce(sum(v) FILTER (v > 0), 0), coalesce(sum(v) FILTER (v > 0 AND a IS NOT NULL), 0)
            FROM own WHERE r = ?"""
        answer = base.execute(query, [letter]).fetchone()
        assert answer is not None
        expected = None if answer[1] > 0 and answer[2] == 0 else float(answer[0])
        assert found[f"proxy_{right}"] == (None if expected is None else pytest.approx(expected, rel=1e-12))


def test_days_keep_apart() -> None:
    other = date(2024, 1, 17)
    rows = chain(line(), line(at=NOON + timedelta(days=1), volume=2))
    panel = panel_of(rows)
    assert (values(panel)["proxy_calls"], values(panel, other)["proxy_calls"]) == (1100, 220)
