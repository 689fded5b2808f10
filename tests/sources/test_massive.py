"""Massive's flat files of trades and of quotes, by their documented columns and invented rows."""

import re
from datetime import UTC, date, datetime

import polars as pl
import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, massive, recognised
from sources import option_examples as options

NOTHING = Options()
HEADER, FIRST, *_ = options.FLAT_QUOTES
KEY = ["contract", "ts_ns", "sequence"]


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def take(*rows: str) -> Extract:
    return massive.QUOTES.transform(text(HEADER, *rows), "quotes", NOTHING)


def refusal(source: object, content: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        source.transform(content, "tape", NOTHING)
    return caught.value


def test_documented_massive_trades_have_no_quotes_and_keep_equal_rows() -> None:
    rows = massive.TRADES.transform(text(*options.FLAT_TRADES), "tape", NOTHING).tables["option_trades"]
    assert rows.filter(pl.col("contract").str.starts_with("ZZIW"))["row"].to_list() == [0, 1]
    assert rows["bid"].null_count() == rows["ask"].null_count() == 4
    last = rows.filter(pl.col("contract").str.starts_with("ZZI ")).sort("row")
    assert last.select("condition", "leg", "cancel").rows() == [
        ("227,219", "auction", False),
        ("232", "cancelled", True),
    ]
    assert set(rows["ts_ns"]) == {1_646_404_507_596_000_000, 1_646_404_507_596_000_001}


def test_documented_massive_stock_trades_are_no_option_trades() -> None:
    found = refusal(massive.TRADES, text(*options.FLAT_TRADES).replace(b"O:ZZI", b"Z"))
    assert (found.line, "another product" in found.cause) == (2, True)


def test_documented_massive_quotes() -> None:
    extract = take(*options.FLAT_QUOTES[1:])
    rows = extract.tables["option_quotes"].sort("sequence")
    assert rows.select("contract", "underlying", "bid", "ask", "sequence").rows() == [
        ("ZZIW  220309C00013000", "ZZIW", 1.1, 1.15, 77),
        ("ZZIW  220309C00013000", "ZZIW", 1.15, 1.2, 78),
        ("ZZI   220316P00012500", "ZZI", None, 0.85, 79),
    ]
    assert rows.select("vendor", "session").unique().rows() == [("massive", date(2022, 3, 4))]
    assert rows["ts_ns"][0] == 1_646_404_507_595_999_999
    assert rows["known_at"][0] == datetime(2022, 3, 4, 14, 35, 7, 596_000, UTC)  # never before the quote
    assert (extract.read, extract.refused.height) == (3, 0)


def test_documented_massive_contracts_read_as_those_of_its_trades() -> None:
    quotes, trades = (
        source.transform(text(*(line.replace("ZZI", "VIX") for line in lines)), "x", NOTHING).tables
        for source, lines in ((massive.QUOTES, options.FLAT_QUOTES), (massive.TRADES, options.FLAT_TRADES))
    )
    own = ["vendor", "session", "contract", "underlying"]
    found = [t[n].select(own).unique().sort(own) for t, n in ((quotes, "option_quotes"), (trades, "option_trades"))]
    assert found[0].equals(found[1])
    assert found[0]["underlying"].unique().to_list() == ["VIX"]


def test_documented_massive_quote_twice_is_one_quote() -> None:
    extract = take(FIRST, FIRST, FIRST.replace(",302,", ",316,").replace("1.15,9", "1.150,10"))
    assert extract.tables["option_quotes"].height == 1
    assert extract.refused.is_empty()


@pytest.mark.parametrize("turn", [1, -1])
def test_documented_massive_two_quotes_of_one_key_are_none(turn: int) -> None:
    """Which of them stood nobody can tell, and the quote before them did not stand any more."""
    other = FIRST.replace(",1.1,", ",1.05,")
    extract = take(*[FIRST.replace(",77,", ",76,"), FIRST, FIRST, other][::turn])
    rows = extract.tables["option_quotes"].sort("sequence")
    assert rows.select("sequence", "bid", "ask").rows() == [(76, 1.1, 1.15), (77, None, None)]
    assert extract.refused.height == 3
    assert extract.refused["reason"].unique().to_list() == [
        "'O:ZZIW220309C00013000' has another quote of instant 1646404507595999999 and sequence number 77: "
        "which one stood cannot be told"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1646404507595999999", "1646404507595", "time '1646404507595' cannot be read"),
        ("O:ZZIW220309C", "O:ZZIW220309X", "'O:ZZIW220309X00013000' is no option contract"),
        (",77,", ",-7,", "sequence number '-7' is none"),
        (",1.15,", ",x,", "ask 'x' is not a price from 0"),
        (",1.1,", ",-1,", "bid '-1' is not a price from 0"),
    ],
)
def test_what_a_documented_massive_quote_must_be(old: str, new: str, said: str) -> None:
    rows = [FIRST.replace(",77,", f",{k},") for k in range(20)]
    extract = take(*rows, FIRST.replace(old, new))
    assert extract.tables["option_quotes"].height == 20
    assert extract.refused["line"].to_list() == [22]
    assert said in extract.refused["reason"][0]


def test_documented_massive_quotes_of_other_products_are_refused() -> None:
    stocks = text(f"{HEADER},participant_timestamp,tape", f"{FIRST},1,1")
    assert recognised(stocks) is massive.QUOTES
    found = refusal(massive.QUOTES, stocks)
    assert "participant_timestamp is of quotes of stocks or currencies: it is another product" in found.cause
    found = refusal(massive.QUOTES, text(HEADER, FIRST.replace("O:", "")))
    assert found.reason.endswith("it is another product; get us_options_opra/quotes_v1")


def test_documented_massive_quotes_of_the_whole_market_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(massive, "MOST", 100)
    monkeypatch.setattr(massive, "csv_rows", None)
    found = refusal(massive.QUOTES, text(*options.FLAT_QUOTES))
    assert re.fullmatch(
        "it holds [0-9]+ bytes of quotes, more than 100; keep its header line and the lines of the underlyings that "
        r"you follow \(O:VIX, O:VIXW\), or split it",
        found.reason,
    )


def test_documented_massive_quotes_in_any_order_are_the_same() -> None:
    rows = [FIRST.replace(",77,", f",{k % 7},").replace(",9,302", f",{k},302") for k in range(30)]
    one, other = (take(*r).tables["option_quotes"].sort(KEY) for r in (rows, rows[::-1]))
    assert one.equals(other)
    assert one.filter(pl.struct(KEY).is_duplicated()).is_empty()
