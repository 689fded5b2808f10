"""Option trades from every vendor: contracts, sessions, conditions, cancellations, and equal rows."""

import sys
from datetime import UTC, date, datetime
from importlib.resources import files

import polars as pl
import pytest
import zstandard

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, cboe_chain, cboe_trades, databento, thetadata
from overshort.sources.conditions import LEGS, told
from sources import option_examples as options

NOTHING = Options()
HEADER, ROW = options.OPTION_TRADES[:2]


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def cboe(*rows: str) -> pl.DataFrame:
    return cboe_trades.TRADES.transform(text(HEADER, *rows), "tape.csv", NOTHING).tables["option_trades"]


def refusal(source: object, content: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        source.transform(content, "tape", NOTHING)
    return caught.value


def test_a_trade_of_cboe_s() -> None:
    row = cboe(ROW).row(0, named=True)
    assert row["contract"] == "ZZI   220316C00012500"
    assert (row["vendor"], row["underlying"], row["expiry"], row["strike"]) == ("cboe", "ZZI", date(2022, 3, 16), 12.5)
    assert (row["right"], row["price"], row["size"], row["multiplier"]) == ("call", 1.25, 10, 100)
    assert (row["bid"], row["ask"], row["sequence"], row["row"], row["venue"]) == (1.1, 1.35, 77, 0, "5")
    assert (row["condition"], row["opra"], row["leg"], row["cancel"]) == ("125", "SLAN", "auction", False)
    assert row["known_at"] == datetime(2022, 3, 4, 20, 59, 58, 125_000, UTC)
    assert row["ts_ns"] == 1_646_427_598_125_000_000


def test_a_bid_of_zero_is_none() -> None:
    row = cboe(ROW.replace("1.1000,1.3500,14", "0.0000,1.3500,14")).row(0, named=True)
    assert (row["bid"], row["ask"]) == (None, 1.35)


@pytest.mark.parametrize(
    ("stamp", "session"),
    [
        ("2022-03-04 16:14:59.000", date(2022, 3, 4)),
        ("2022-03-04 16:59:59.999", date(2022, 3, 4)),
        ("2022-03-03 17:00:00.000", date(2022, 3, 4)),
        ("2022-03-03 20:15:00.000", date(2022, 3, 4)),
        ("2022-03-04 03:00:00.000", date(2022, 3, 4)),
        ("2022-03-06 20:15:00.000", date(2022, 3, 7)),
        ("2022-02-20 20:15:00.000", date(2022, 2, 22)),
    ],
)
def test_night_trades_belong_to_the_session_that_follows(stamp: str, session: date) -> None:
    assert cboe(ROW.replace("2022-03-04 15:59:58.125", stamp))["session"].to_list() == [session]


def test_a_cancelled_trade_and_the_record_that_cancels_it() -> None:
    struck, record = ROW.replace(",125,0,", ",35,1,"), ROW.replace(",77,", ",78,").replace(",125,0,", ",40,2,")
    rows = cboe(struck, record, ROW.replace(",77,", ",79,").replace(",125,0,", ",41,0,"))
    assert rows["leg"].to_list() == ["cancelled"] * 3
    assert rows["cancel"].to_list() == [True] * 3
    assert rows["condition"].to_list() == ["35", "40", "41"]


def test_unknown_conditions_are_kept_counted_and_said() -> None:
    rows = [
        ROW.replace(",125,0,", f",{code},0,").replace(",77,", f",{k},") for k, code in enumerate((999, 999, 7777, 18))
    ]
    extract = cboe_trades.TRADES.transform(text(HEADER, *rows), "tape", NOTHING)
    table = extract.tables["option_trades"].sort("sequence")
    assert table["condition"].to_list() == ["999", "999", "7777", "18"]
    assert table["leg"].to_list() == ["unknown"] * 3 + ["single"]
    assert table["opra"].to_list() == [None, None, None, "AUTO"]
    assert extract.remark.startswith("3 trades with conditions that are on no table")
    assert extract.remark.endswith("999 (2), 7777 (1)")


def test_the_gravest_of_several_conditions_counts() -> None:
    frame = pl.DataFrame({"condition": ["209,232", "232;201", "227 244", "209,999", "", "999"]})
    found = told(frame, "opra")
    assert found["leg"].to_list() == ["multi", "cancelled", "stock", "single", "single", "unknown"]
    assert found["listed"].to_list() == [True, True, True, False, True, False]


@pytest.mark.parametrize(("numbering", "rows"), [("nxcore", 49), ("opra", 34)])
def test_condition_tables(numbering: str, rows: int) -> None:
    lines = files("overshort.data").joinpath(f"conditions_{numbering}.csv").read_text().splitlines()
    assert any("Source: " in line for line in lines if line.startswith("#"))
    body = [line for line in lines if not line.startswith("#")]
    assert body[0] == "code,opra,class,note"
    table = pl.read_csv("\n".join(body).encode(), schema_overrides={"code": pl.String})
    assert table.height == rows == table["code"].fill_null("").n_unique()
    assert set(table["class"]) <= set(LEGS)


def test_both_numberings_class_a_code_alike() -> None:
    tables = {}
    for numbering in ("nxcore", "opra"):
        codes = pl.DataFrame({"condition": [str(k) for k in range(300)]})
        found = told(codes, numbering).filter("listed", pl.col("opra").is_not_null())
        tables[numbering] = dict(found.select("opra", "leg").iter_rows())
    both = tables["nxcore"].keys() & tables["opra"].keys()
    assert len(both) == 33
    assert {o: tables["nxcore"][o] for o in both} == {o: tables["opra"][o] for o in both}


def test_equal_rows_are_prints_of_their_own_in_any_order() -> None:
    dearer = ROW.replace("1.2500,125", "1.3000,125")
    one, other = cboe(ROW, dearer, ROW), cboe(dearer, ROW, ROW)
    assert one.equals(other)
    assert one.select("row", "price").rows() == [(0, 1.25), (1, 1.25), (2, 1.3)]


def test_a_row_with_a_cell_too_many_or_too_few() -> None:
    many = refusal(cboe_trades.TRADES, text(HEADER, ROW, ROW + ",7"))
    assert (many.line, "28 fields where the header has 27" in many.cause) == (3, True)
    few = refusal(cboe_trades.TRADES, text(HEADER, ROW.rpartition(",")[0], ROW))
    assert (few.line, "26 fields where the header has 27" in few.cause) == (2, True)


def test_groups_that_are_not_counted_any_more_may_be_missing_or_blank() -> None:
    named = ",".join(ROW.split(",")[:16])
    assert cboe(named + ",", ROW.replace(",77,", ",78,"), named.replace(",77,", ",79,") + ",,,,,,").height == 3
    assert refusal(cboe_trades.TRADES, text(HEADER, named + ",,1,,,,")).line == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2022-03-04 15", "2022-03-04T25", "time '2022-03-04T25:59:58.125' cannot be read"),
        (",12.500,", ",0,", "'0' 'C' is no option contract"),
        (",C,", ",X,", "'X' is no option contract"),
        (",10,1.2500,", ",0,1.2500,", "size '0' is not a number of contracts"),
        (",1.2500,", ",-1,", "price '-1' is not a price"),
        (",1.1000,1.3500,14", ",abc,1.3500,14", "bid 'abc' is not a price"),
        (",125,0,", ",125,x,", "cancellation 'x' is not a number"),
        ("^ZZI,", "^,", "underlying '^' has no letters or digits"),
    ],
)
def test_what_a_trade_must_be(old: str, new: str, said: str) -> None:
    rows = [ROW.replace(",77,", f",{k},") for k in range(20)]
    extract: Extract = cboe_trades.TRADES.transform(text(HEADER, *rows, ROW.replace(old, new)), "tape", NOTHING)
    assert extract.tables["option_trades"].height == 20
    assert extract.refused["line"].to_list() == [22]
    assert said in extract.refused["reason"][0]


def test_documented_thetadata_trade() -> None:
    extract = thetadata.TRADE_QUOTE.transform(text(*options.TRADES_WITH_QUOTES), "tape", NOTHING)
    row = extract.tables["option_trades"].row(0, named=True)
    assert (row["vendor"], row["contract"], row["underlying"]) == ("thetadata", "ZZIW  220309C00013000", "ZZIW")
    assert (row["bid"], row["ask"], row["condition"], row["opra"], row["leg"]) == (1.1, 1.15, "18", "AUTO", "single")
    assert row["ts_ns"] - row["quote_ts_ns"] == 6_000_000
    weekly = text(*(line.replace("ZZIW", "VIXW") for line in options.TRADES_WITH_QUOTES))
    found = thetadata.TRADE_QUOTE.transform(weekly, "tape", NOTHING).tables["option_trades"]
    assert found["underlying"].unique().to_list() == ["VIX"]


def theta(*trades: tuple[str, str, int, str, str]) -> Extract:
    """Give trades of one contract: time, condition, size, price, exchange."""
    rows = [
        f"ZZIW,2022-03-09,13.000,CALL,2022-03-04T{at},2022-03-04T09:30:00,{k},255,255,255,255,{code},{size},{venue},{price},"
        "10,5,1.10,50,12,5,1.15,50"
        for k, (at, code, size, price, venue) in enumerate(trades)
    ]
    return thetadata.TRADE_QUOTE.transform(text(options.TRADES_WITH_QUOTES[0], *rows), "tape", NOTHING)


def cancelled(extract: Extract) -> list[int]:
    """Give the sequence numbers of the rows that count as cancelled."""
    rows = extract.tables["option_trades"]
    assert rows.filter(pl.col("cancel") != (pl.col("leg") == "cancelled")).is_empty()
    return rows.filter("cancel")["sequence"].sort().to_list()


def test_documented_thetadata_cancellation_takes_the_last_trade_like_it() -> None:
    trades = [
        ("09:31:00", "18", 2, "1.15", "5"),
        ("09:32:00", "18", 2, "1.15", "5"),
        ("09:32:30", "18", 3, "1.15", "5"),
        ("09:32:40", "18", 2, "1.10", "5"),
        ("09:32:50", "18", 2, "1.15", "6"),
    ]
    later = ("09:34:00", "18", 2, "1.15", "5")
    assert cancelled(theta(*trades)) == []
    assert cancelled(theta(*trades, ("09:33:00", "40", 2, "1.15", "5"), later)) == [1, 5]
    assert cancelled(theta(*trades, ("09:33:00", "41", 2, "1.15", "5"), ("09:33:01", "40", 2, "1.15", "5"), later)) == [
        *(0, 1),
        *(5, 6),
    ]
    assert cancelled(theta(*trades, ("09:33:00", "42", 2, "1.15", "5"))) == [0, 5], "the opening report"


def test_documented_thetadata_cancellation_of_a_trade_that_is_not_there_is_told() -> None:
    found = theta(("09:31:00", "18", 2, "1.15", "5"), ("09:32:00", "40", 9, "1.15", "5"))
    assert cancelled(found) == [1]
    assert found.remark == "1 cancellation of trades that are not in the file"


@pytest.mark.parametrize("lines", [options.PRETTY, options.FIXED])
def test_documented_databento_csv(lines: tuple[str, ...]) -> None:
    content = text(*lines)
    rows = databento.CSV.transform(content, "tape", NOTHING).tables["option_trades"]
    assert rows.select("price", "size", "sequence", "leg", "venue").rows() == [
        (1.15, 2, 501, "unknown", "22"),
        (1.2, 3, 502, "unknown", "22"),
    ]
    assert rows["ts_ns"].to_list() == [1_646_404_507_596_000_100, 1_646_404_567_596_000_100]
    assert rows["known_at"][0] == datetime(2022, 3, 4, 14, 35, 7, 596_001, UTC)  # never before the trade
    packed = zstandard.ZstdCompressor().compress(content)
    assert databento.CSV.recognise(packed)
    assert databento.CSV.transform(packed, "tape", NOTHING).tables["option_trades"].equals(rows)


def test_databento_trades_without_quotes_are_a_tape_of_their_own() -> None:
    bare = databento.DBN.transform(options.encoded("trades"), "tape", NOTHING).tables["option_trades"]
    quoted = databento.DBN.transform(options.encoded("tbbo"), "tape", NOTHING).tables["option_trades"]
    assert (bare["vendor"].unique().item(), quoted["vendor"].unique().item()) == ("databento-trades", "databento")
    assert quoted.select("bid", "ask").unique().rows() == [(1.1, None)]
    assert bare.drop("vendor", "bid", "ask").equals(quoted.drop("vendor", "bid", "ask"))


def test_databento_refuses_other_products_layouts_and_cut_files() -> None:
    whole = options.encoded("tbbo")
    packed = options.encoded("tbbo", packed=True)
    said = {
        "its data set is GLBX.MDP3, another product": options.encoded("tbbo", dataset="GLBX.MDP3"),
        "its layout mbp-1 is not one of trades": options.encoded("mbp-1"),
        "its DBN ends within a record": whole[:-1],
        "its zstd ends too early": packed[:-1],
        "its zstd is damaged": packed[:9] + b"\xff\xff" + packed[11:],
        "'ESH1' is no option contract of OPRA: it is another product": text(*options.FIXED).replace(
            b"ZZIW  220309C00013000", b"ESH1"
        ),
        "1 of its 2 records are no trades (action 'A')": text(*options.FIXED).replace(b",T,N,0,120", b",A,N,0,120"),
    }
    for cause, content in said.items():
        source = databento.CSV if content.startswith(b"ts_recv") else databento.DBN
        assert cause in refusal(source, content).cause


def test_dbn_without_its_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    found = refusal(databento.DBN, b"DBN")
    assert (found.cause, found.fix) == (
        "it is DBN, which needs the package databento-dbn",
        "install overshort[databento], or get CSV",
    )


def test_documented_delayed_chain() -> None:
    rows = cboe_chain.CHAIN.transform(text(*options.CHAIN), "_ZZI.json", NOTHING).tables["option_chain"]
    assert rows["underlying"].unique().to_list() == ["ZZI"]
    assert rows["known_at"].unique().to_list() == [datetime(2022, 3, 5, 4, 52, 4, tzinfo=UTC)]
    assert rows["at"].unique().to_list() == [datetime(2022, 3, 5, 4, 37, 4, tzinfo=UTC)]
    assert rows.select("contract", "bid", "ask", "volume", "open_interest", "iv", "gamma").rows() == [
        ("ZZI   220316C00012500", 2.05, 2.2, 15, 120, 0.95, 0.0625),
        ("ZZIW  220309P00013000", None, 0.05, 0, 0, None, 1e-05),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text(*options.CHAIN)[:-40], "its JSON cannot be read"),
        (text(*options.CHAIN).replace(b"2022-03-05 04", b"2022-03-05T04"), "is not YYYY-MM-DD HH:MM:SS"),
        (text(*options.CHAIN).replace(b'"symbol": "^ZZI"', b'"symbol": "^"'), "has no letters or digits"),
        (b'{"data": {"options": []}, "option": 1, "timestamp": "2022-03-05 04:52:04", "symbol": "Z"}', "no rows"),
    ],
)
def test_documented_chains_that_are_refused(content: bytes, said: str) -> None:
    assert said in refusal(cboe_chain.CHAIN, content).cause
