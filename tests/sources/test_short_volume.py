"""Daily short-sale volume: kinds, spelling, count of rows."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.short_volume import SHORT_VOLUME
from sources.examples import CONSOLIDATED_VOLUME as LINES


def take(*lines: str, count: str | None = None) -> Extract:
    last = str(len(lines)) if count is None else count
    return SHORT_VOLUME.transform("\n".join([LINES[0], *lines, last, ""]).encode(), "volume", Options())


def test_quantity_total_day_and_instant() -> None:
    row = take(*LINES[1:]).tables["flows"].row(0, named=True)
    assert row.pop("known_at") == datetime(2022, 3, 4, 18, tzinfo=ZoneInfo("America/New_York"))
    assert row == {
        "source": "finra.short_volume",
        "symbol": "YYQ",
        "session": date(2022, 3, 4),
        "kind": "short_volume",
        "quantity": 250.692872,
        "total": 1000.0,
        "price": None,
        "symbol_raw": "YYQ",
    }


@pytest.mark.parametrize(
    ("published", "ours"),
    [("BRK/B", "BRKB"), ("TpC", "TPRC"), ("TPC", "TPC"), ("ACPr", "ACPRT"), ("GABrw", "GABRTWI"), ("AAC/WS", "AACWS")],
)
def test_lower_case_letters_are_written_out_as_short_interest_does(published: str, ours: str) -> None:
    table = take(f"20220304|{published}|1|0|2|Q,N").tables["flows"]
    assert table.select("symbol", "symbol_raw").rows() == [(ours, published)]


@pytest.mark.parametrize(
    ("markets", "kind"),
    [
        (["B,Q,N", "Q"], "short_volume"),
        (["Q", "N"], "short_volume"),
        (["Q,N", "Q,N"], "short_volume"),
        (["Q", "Q"], "short_volume_q"),
        (["D"], "short_volume_d"),
        (["O", "O"], "short_volume_o"),
    ],
)
def test_a_file_of_one_letter_is_one_facility_s(markets: list[str], kind: str) -> None:
    lines = [f"20220304|ZZ{k}|1|0|2|{market}" for k, market in enumerate(markets)]
    assert take(*lines).tables["flows"]["kind"].unique().to_list() == [kind]


@pytest.mark.parametrize(
    ("count", "match"),
    [
        ("2", "says 2 rows and it has 3: it is cut off or damaged"),
        ("30", "says 30 rows and it has 3"),
        ("", "last line does not say its rows: it is cut off"),
    ],
)
def test_the_last_line_must_count_the_rows(count: str, match: str) -> None:
    with pytest.raises(RefusedFile, match=match) as caught:
        take(*LINES[1:], count=count)
    assert caught.value.line == 5


def test_two_spellings_of_one_symbol_are_a_collision() -> None:
    extract = take("20220304|ZZ/A|1|0|2|Q", "20220304|ZZA|3|0|4|Q")
    assert extract.tables["flows"]["quantity"].to_list() == [1.0]
    assert "'ZZ/A' and 'ZZA' are both ZZA 2022-03-04" in extract.refused["reason"][0]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2022-13-04|ZZA|1|0|2|Q", "date '2022-13-04' is not a date YYYYMMDD"),
        ("20220304|/|1|0|2|Q", "symbol '/' has no letters or digits"),
        ("20220304|ZZA|-1|0|2|Q", "short volume '-1' is not a number of shares, 0 or more"),
        ("20220304|ZZA|1|0||Q", "total volume '' is not a number of shares, 0 or more"),
        ("20220304|ZZA|3|0|2|Q", "short volume 3 is more than the total 2"),
        ("20220304|ZZA|1|0|2|X", "market 'X' is not made of the letters B, Q, N, D, O"),
    ],
)
def test_what_is_refused(line: str, reason: str) -> None:
    extract = take(*LINES[1:], line)
    assert extract.refused.select("line", "reason").rows() == [(5, reason)]
