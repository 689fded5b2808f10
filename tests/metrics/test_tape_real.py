"""The real sample of 2,295 trades: every one in exactly one cell, and the sums of the file itself."""

import csv
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from contracts.market import stored
from metrics.taping import panel_of, recount
from overshort.metrics.tape import signed
from overshort.metrics.tape.minutes import minutes
from sources.real import take

pytestmark = pytest.mark.data
TAPE = "options/cboe_datashop_UnderlyingOptionsTrades_2016-06-01.csv"
LEGS = {"0": "single", "95": "single", "35": "multi", "106": "auction", "13": "late", "2": "late", "40": "cancelled"}


@pytest.fixture(scope="module")
def table(data: Path) -> pl.DataFrame:
    return stored("option_trades", take(data / TAPE).tables["option_trades"])


@pytest.fixture(scope="module")
def panel(table: pl.DataFrame) -> pl.DataFrame:
    return panel_of({"option_trades": table.lazy()})


@pytest.fixture(scope="module")
def lines(data: Path) -> list[list[str]]:
    with (data / TAPE).open(newline="") as file:
        return list(csv.reader(file))[1:]


def test_every_trade_is_in_one_cell_and_the_premium_is_the_file_s(panel: pl.DataFrame, lines: list[list[str]]) -> None:
    cells = panel.filter(pl.col("id").str.starts_with("tape.premium."))
    own = sum(Decimal(line[9]) * int(line[8]) * 100 for line in lines)
    assert cells["n"].sum() == len(lines) == 2295
    assert Decimal(str(cells["value"].sum())) == own == Decimal("22724231.0000")
    totals = dict(panel.filter(pl.col("id").is_in(["tape.trades", "tape.contracts"])).select("id", "value").iter_rows())
    assert totals == {"tape.contracts": 306_679, "tape.trades": 2295}


def test_each_cell_equals_a_recount_of_the_file(panel: pl.DataFrame, lines: list[list[str]]) -> None:
    rows = [
        {
            "right": {"C": "call", "P": "put"}[line[6]],
            "price": Decimal(line[9]),
            "size": int(line[8]),
            "multiplier": 100,
            "bid": Decimal(line[12]) or None,
            "ask": Decimal(line[13]) or None,
            "leg": "cancelled" if line[11] != "0" else LEGS[line[10]],
        }
        for line in lines
    ]
    found = panel.filter(pl.col("id").str.starts_with("tape.premium."), pl.col("n") > 0)
    counted = {tuple(i.split(".")[2:]): (n, v) for i, n, v in found.select("id", "n", "value").iter_rows()}
    assert counted == {cell: (n, float(premium)) for cell, (n, premium) in recount(rows).items()}


def test_what_was_bought(panel: pl.DataFrame) -> None:
    values = dict(panel.select("id", "value").iter_rows())
    assert values["tape.bought_calls"] == 1_400_705
    assert (values["tape.bought_calls_a"], values["tape.bought_calls_aa"]) == (1_389_435, 11_270)
    assert values["tape.bought_puts"] == 958_085
    assert values["tape.bought_share"] == pytest.approx(0.1045, abs=5e-5)
    assert (values["tape.signed_calls"], values["tape.signed_puts"]) == (3_441_555, 2_118_075)
    assert (values["tape.bought_low"], values["tape.bought_high"]) == pytest.approx(
        (1_105_253.46, 1_320_686.88), abs=0.01
    )
    assert panel["basis"].unique().to_list() == ["price: option trades of cboe; legacy codes"]


def test_the_cancelled_spread_and_its_record(table: pl.DataFrame, panel: pl.DataFrame) -> None:
    rows = table.filter(leg="cancelled").sort("ts_ns")
    assert rows.select("condition", "opra", "size", "price").rows() == [
        ("35", "SPRD", 180, 2.2),
        ("40", "CANC", 180, 2.2),
    ]
    cell = panel.filter(pl.col("id") == "tape.premium.put.none.cancelled")
    assert cell.select("value", "n").row(0) == (79_200, 2)


def test_kinds_of_the_sample(table: pl.DataFrame, lines: list[list[str]]) -> None:
    counts = Counter(line[10] for line in lines)
    by_kind: defaultdict[str, int] = defaultdict(int)
    for code, n in counts.items():
        by_kind[LEGS[code]] += n
    by_kind["multi"] -= 1  # the spread that was cancelled
    by_kind["cancelled"] += 1
    assert dict(table["leg"].value_counts().iter_rows()) == by_kind
    assert by_kind == {"single": 1502, "multi": 718, "auction": 49, "late": 24, "cancelled": 2}


def test_databento_s_trades_have_no_leg(data: Path) -> None:
    table = stored("option_trades", take(data / "options/databento/test_data.tbbo.dbn.zst").tables["option_trades"])
    assert table["leg"].unique().to_list() == ["unknown"]
    found = panel_of({"option_trades": table.lazy()}, "AAPL")
    assert found.filter(pl.col("id") == "tape.bought_calls")["reason"][0].startswith(
        "no trade of the session has a sale"
    )
    assert found.filter(pl.col("id") == "tape.premium.call.b.unknown").select("value", "n").row(0) == (100, 2)


def test_the_minutes_of_the_session_end_at_what_it_bought_and_sold(table: pl.DataFrame) -> None:
    own = table.filter(pl.col("vendor") == "cboe", pl.col("underlying") == "VIX")
    found = minutes(signed(own.lazy())).collect().drop("vendor", "underlying", "session")
    assert found.row(-1) == (datetime(2016, 6, 1, 20, 15, tzinfo=UTC), 1_400_705.0, 2_040_850.0, 958_085.0, 1_159_990.0)
    assert found.drop("at").select((pl.all().diff().drop_nulls() >= 0).all()).row(0) == (True,) * 4
