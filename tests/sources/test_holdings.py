"""Holdings files of iShares and Invesco, rule by rule."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, invesco, ishares
from sources.examples import HELD, INVESCO, NOTICE, PREAMBLE

DAY = date(2022, 3, 4)
NONE = Options()


def holding(
    ticker: str, name: str = "INVENTED INC", kind: str = "Equity", weight: str = "0.10", at: str = "NASDAQ"
) -> str:
    cells = (
        ticker,
        name,
        "Energy",
        kind,
        "1.00",
        weight,
        "1.00",
        "1.00",
        "1.00",
        "Utopia",
        at,
        "USD",
        "1.00",
        "USD",
        "-",
    )
    return ",".join(f'"{c}"' for c in cells)


def take(*more: str, options: Options = NONE, preamble: tuple[str, ...] = PREAMBLE) -> Extract:
    content = "\n".join([*preamble, *HELD, *more, *NOTICE])
    return ishares.HOLDINGS.transform(content.encode(), "holdings", options)


def symbols(extract: Extract) -> list[str]:
    return extract.tables["membership"]["symbol"].to_list()


def test_members_with_weights_as_fractions_known_at_the_end_of_their_day() -> None:
    table = take().tables["membership"]
    assert table.select("index", "symbol", "first", "last", "basis", "dated", "weight").rows() == [
        ("RUT", "ZZA", DAY, None, "snapshot", DAY, 0.005),
        ("RUT", "YYQB", DAY, None, "snapshot", DAY, 0.0025),
    ]
    assert table["known_at"].unique().to_list() == [datetime(2022, 3, 4, 23, 59, tzinfo=ZoneInfo("America/New_York"))]


@pytest.mark.parametrize(
    "row",
    [
        holding("USD", kind="Cash"),
        holding("RTYZ9", kind="Futures"),
        holding("XXB", at="NO MARKET (E.G. UNLISTED)"),
        holding("XXBW", at="Non-Nms Quotation Service (Nnqs)"),
        holding("-"),
        holding("P5Z123"),
        holding("XXB", "INVENTED INC CVR"),
        holding("XXB", "INVENTED INC - CVR"),
        holding("XXB", "Invented Inc Escrow"),
        holding("XXB", "INVENTED EQUITY WARRANTS SERIE"),
        holding("XXB", "INVENTED HOLDING Prvt"),
        holding("XXB", "INVENTED INC RIGHTS EXP 2022"),
    ],
)
def test_rows_of_other_kinds_are_left_out_and_not_refused(row: str) -> None:
    extract = take(row)
    assert symbols(extract) == ["ZZA", "YYQB"]
    assert (extract.read, extract.refused.height) == (2, 0)


@pytest.mark.parametrize(
    "name", ["CVR ENERGY INC", "CVRX INC", "BRIGHTINVENTED HOLDINGS", "WARRANTY INC", "ESCROW INC"]
)
def test_companies_with_such_letters_in_their_name_stay(name: str) -> None:
    assert symbols(take(holding("XXB", name))) == ["ZZA", "YYQB", "XXB"]


def test_two_lines_of_one_stock_are_added_up() -> None:
    table = take(holding("ZZA", weight="0.10"), holding("XXB", weight="-")).tables["membership"]
    assert table.select("symbol", "weight").rows() == [("ZZA", pytest.approx(0.006)), ("YYQB", 0.0025), ("XXB", None)]


def test_two_spellings_of_one_symbol_are_a_collision() -> None:
    extract = take(holding("YYQ.B"))
    assert "'YYQB' and 'YYQ.B' are both YYQB" in extract.refused["reason"][0]
    assert extract.refused["line"].to_list() == [13]


def test_a_bad_weight_refuses_its_row() -> None:
    extract = take(holding("XXB", weight="much"))
    assert extract.refused["reason"].to_list() == ["weight 'much' is not a number of percent"]
    assert symbols(extract) == ["ZZA", "YYQB"]


@pytest.mark.parametrize("written", ['"Mar 04, 2022"', '"04/Mar/2022"', "2022-03-04", '"2022-03-04"'])
def test_spellings_of_the_date(written: str) -> None:
    assert take(preamble=(PREAMBLE[0], f"Fund Holdings as of,{written}")).tables["membership"]["dated"][0] == DAY


def test_shares_or_quantity() -> None:
    content = "\n".join([*PREAMBLE, HELD[0].replace("Quantity", "Shares"), *HELD[1:], *NOTICE])
    assert (
        ishares.HOLDINGS.transform(content.encode(), "h", NONE).tables["membership"].equals(take().tables["membership"])
    )


@pytest.mark.parametrize(
    ("fund", "given", "index"),
    [
        ("iShares Russell 2000 ETF", None, "RUT"),
        ("iShares Core S&P 500 ETF", None, "SPX"),
        ("iShares Core S&P 500 ETF", "SPX", "SPX"),
        ("iShares Invented 100 ETF", "NDX", "NDX"),
    ],
)
def test_the_fund_names_the_index(fund: str, given: str | None, index: str) -> None:
    extract = take(preamble=(fund, *PREAMBLE[1:]), options=Options(index=given))
    assert extract.tables["membership"]["index"].unique().to_list() == [index]


@pytest.mark.parametrize(
    ("fund", "given", "said"),
    [
        (
            "iShares Russell 2000 Growth ETF",
            None,
            "'iShares Russell 2000 Growth ETF' follows none of the indices SPX, NDX",
        ),
        ("iShares Russell 2000 Value ETF", None, "follows none of the indices"),
        ("iShares Russell 2000 ETF", "SPX", "follows RUT and --index says SPX"),
        ("iShares Invented ETF", "DJI", "'DJI' is none of the indices SPX, NDX, RUT"),
    ],
)
def test_another_fund_or_a_contradiction_is_refused(fund: str, given: str | None, said: str) -> None:
    with pytest.raises(RefusedFile, match=said):
        take(preamble=(fund, *PREAMBLE[1:]), options=Options(index=given))


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        (Options(), "--dated YYYY-MM-DD and --index SPX, NDX or RUT"),
        (Options(index="RUT"), "with --dated YYYY-MM-DD"),
        (Options(dated=DAY), "with --index SPX, NDX or RUT"),
    ],
)
def test_without_a_preamble_the_fix_names_what_is_missing(options: Options, fix: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        take(preamble=(), options=options)
    assert caught.value.fix.endswith(fix)


def test_another_date_than_the_file_s_is_refused_naming_both() -> None:
    assert take(options=Options(dated=DAY)).read == 2
    with pytest.raises(RefusedFile, match="the file says 2022-03-04 and --dated says 2022-03-05") as caught:
        take(options=Options(dated=date(2022, 3, 5)))
    assert caught.value.line == 2


@pytest.mark.parametrize("rest", [(), HELD[:1], (*HELD[:1], *NOTICE)])
def test_the_answer_for_a_day_without_holdings_is_refused(rest: tuple[str, ...]) -> None:
    content = "\n".join([PREAMBLE[0], 'Fund Holdings as of,"-"', *rest, ""]).encode()
    assert ishares.HOLDINGS.recognise(content)
    with pytest.raises(RefusedFile, match="a day without holdings"):
        ishares.HOLDINGS.transform(content, "shell", NONE)


def test_a_file_of_cash_alone_a_bad_date_and_a_missing_column_are_refused() -> None:
    content = "\n".join([*PREAMBLE, HELD[0], holding("USD", kind="Cash"), ""])
    with pytest.raises(RefusedFile, match="no listed equities"):
        ishares.HOLDINGS.transform(content.encode(), "h", NONE)
    for written in ("soon", "1066-10-14", "9999-12-31"):
        with pytest.raises(RefusedFile, match=f"'{written}' is not a date"):
            take(preamble=(PREAMBLE[0], f"Fund Holdings as of,{written}"))
    content = "\n".join([*PREAMBLE, *HELD]).replace("Weight (%)", "Share")
    with pytest.raises(RefusedFile, match=r"no column Weight \(%\)") as caught:
        ishares.HOLDINGS.transform(content.encode(), "h", NONE)
    assert caught.value.line == len(PREAMBLE) + 1


def bought(*lines: str, options: Options = NONE) -> Extract:
    return invesco.HOLDINGS.transform("\n".join([*lines, ""]).encode(), "invesco", options)


def test_invesco_members() -> None:
    table = bought(*INVESCO).tables["membership"]
    assert table.select("index", "symbol", "symbol_raw", "first", "dated", "basis", "weight").rows() == [
        ("NDX", "ZZA", "ZZA", DAY, DAY, "snapshot", 0.125),
        ("NDX", "YYQ", "YYQ", DAY, DAY, "snapshot", 0.00125),
    ]


def test_invesco_rows_that_are_no_shares_are_left_out() -> None:
    cash = INVESCO[1].replace("ZZA ", "CASHUSD").replace("Common Stock", "Currency")
    extract = bought(*INVESCO, cash)
    assert (symbols(extract), extract.read) == (["ZZA", "YYQ"], 2)
    with pytest.raises(RefusedFile, match="no shares"):
        bought(INVESCO[0], cash)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("QQQ,000000002", "QQZ,000000002", "several funds, 'QQQ' and 'QQZ'"),
        ("Energy,03/04/2022", "Energy,03/07/2022", "several dates, '2022-03-04' and '2022-03-07'"),
    ],
)
def test_invesco_files_hold_one_fund_and_one_date(old: str, new: str, said: str) -> None:
    with pytest.raises(RefusedFile, match=said):
        bought(*INVESCO[:2], INVESCO[2].replace(old, new))


def test_invesco_options() -> None:
    other = tuple(line.replace("QQQ", "QQZ") for line in INVESCO)
    with pytest.raises(RefusedFile, match="the fund 'QQZ' follows none"):
        bought(*other)
    assert bought(*other, options=Options(index="SPX")).tables["membership"]["index"][0] == "SPX"
    with pytest.raises(RefusedFile, match="QQQ follows NDX and --index says SPX"):
        bought(*INVESCO, options=Options(index="SPX"))
    with pytest.raises(RefusedFile, match="the file says 2022-03-04"):
        bought(*INVESCO, options=Options(dated=date(2022, 3, 5)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("YYQ ", " - ", "no letters"),
        ("0.125", "x", "weight 'x'"),
        ("03/04/2022", "2022", "date '2022'"),
        ("YYQ", "ZZA", "twice"),
    ],
)
def test_a_bad_invesco_row_is_refused(old: str, new: str, said: str) -> None:
    extract = bought(*INVESCO[:2], INVESCO[2].replace(old, new))
    assert said in extract.refused["reason"][0]
    assert symbols(extract) == ["ZZA"]
    with pytest.raises(RefusedFile):
        bought(INVESCO[0], INVESCO[2].replace("YYQ ", "-"))
