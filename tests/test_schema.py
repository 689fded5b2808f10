"""The frozen form: tables, keys, types."""

from datetime import UTC, datetime

import polars as pl
import pytest

from overshort import schema

FROZEN = {
    "short_interest": (
        ("symbol", "settlement"),
        "position previous adv split revised market exchange name dtc_published",
    ),
    "totals": (("subject", "settlement", "market"), "issues shares"),
    "splits": (("symbol", "settlement"), "ratio runner_up basis"),
    "bars": (
        ("symbol", "interval", "start", "adjustment"),
        "end session open high low close volume adjustment currency",
    ),
    "levels": (("series", "at", "frequency"), "frequency value unit"),
    "membership": (("index", "symbol", "first", "basis"), "last dated weight"),
    "shares": (("symbol", "at"), "outstanding float rounding"),
    "option_trades": (
        ("vendor", "session", "ts_ns", "contract", "sequence", "row"),
        "underlying expiry strike right price size multiplier bid ask quote_ts_ns condition opra leg venue cancel",
    ),
    "option_quotes": (("vendor", "session", "ts_ns", "contract", "sequence"), "underlying bid ask"),
    "option_chain": (("underlying", "at", "contract"), "bid ask volume open_interest iv gamma"),
    "borrow": (("symbol", "at"), "fee rebate available capped"),
    "flows": (("symbol", "session", "kind"), "quantity total price"),
    "publications": (("dataset", "settlement"), "published_at basis"),
    "forecasts": (
        ("id", "subject", "settlement", "kind"),
        "event probability base low high runs windows model window_ends resolves as_of written_at code data",
    ),
}


def test_the_tables_are_the_frozen_ones() -> None:
    assert set(schema.TABLES) == set(FROZEN)


@pytest.mark.parametrize("name", FROZEN)
def test_keys_and_columns(name: str) -> None:
    table = schema.table(name)
    key, columns = FROZEN[name]
    assert set(table.key) == set(key)
    assert set(columns.split()) <= set(table.columns)
    assert set(schema.COMMON) <= set(table.columns)
    assert table.columns["known_at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize("name", FROZEN)
def test_empty_tables_are_valid(name: str) -> None:
    assert schema.table(name).schema.is_valid(schema.empty(name))


def panel(**changed: object) -> pl.DataFrame:
    row = dict.fromkeys(schema.PANEL) | {
        "id": "crowding.chain",
        "subject": "SPX",
        "at": datetime(2025, 6, 13, tzinfo=UTC),
        "known_at": datetime(2025, 6, 25, tzinfo=UTC),
        "value": 1.0,
    }
    return pl.DataFrame([row | changed], schema=schema.PANEL)


def test_a_value_has_no_reason_and_a_null_has_one() -> None:
    assert schema.Panel.is_valid(panel())
    assert schema.Panel.is_valid(panel(value=None, reason="too little history"))
    assert not schema.Panel.is_valid(panel(value=None))
    assert not schema.Panel.is_valid(panel(reason="but there is a value"))
    assert not schema.Panel.is_valid(panel(value=float("nan")))
    assert not schema.Panel.is_valid(panel(value=float("inf")))
