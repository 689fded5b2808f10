"""Bars within the day: what a stamp means, where a bar ends, and zones that cannot be."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.intraday import IBKR, INTRADAY, LOCAL
from sources.examples import HOURS, LOTS, WALLS, text

HEADER = "timestamp,open,high,low,close,volume"
AMSTERDAM = Options(symbol="ZZA", zone="Europe/Amsterdam")
REST = "10.5,11,10,10.75"


def utc(*stamps: str, symbol: str = "ZZA", volume: str = "5") -> Extract:
    rows = (f"{s},{REST},{volume}" for s in stamps)
    return INTRADAY.transform(text(HEADER, *rows), "bars", Options(symbol=symbol))


def local(*stamps: str, options: Options = AMSTERDAM) -> Extract:
    return LOCAL.transform(text(HEADER, *(f"{s},{REST},5" for s in stamps)), "bars", options)


def ends(extract: Extract) -> list[str]:
    return [f"{at:%H:%M}" for at in extract.tables["bars"]["end"]]


def test_a_bar_of_an_hour() -> None:
    found = INTRADAY.transform(text(*HOURS), "bars", Options(symbol="zz-h")).tables["bars"]
    assert found.row(1, named=True) == {
        "known_at": datetime(2022, 3, 11, 21, tzinfo=UTC),
        "source": "prices.intraday",
        "symbol": "ZZH",
        "interval": "1h",
        "start": datetime(2022, 3, 11, 20, 30, tzinfo=UTC),
        "end": datetime(2022, 3, 11, 21, tzinfo=UTC),
        "session": date(2022, 3, 11),
        "open": 10.5,
        "high": 11.0,
        "low": 10.0,
        "close": 10.75,
        "volume": 1500.0,
        "adjustment": "split",
        "currency": "USD",
        "symbol_raw": "ZZ-H",
    }
    assert found["volume"][0] == 0


def test_a_bar_ends_at_the_close_early_closes_included() -> None:
    early = utc("2021-11-26 15:30:00+00:00", "2021-11-26 16:30:00+00:00", "2021-11-26 17:30:00+00:00")
    assert ends(early) == ["16:30", "17:30", "18:00"]
    late = utc("2021-11-24 19:30:00+00:00", "2021-11-24 20:30:00+00:00", "2021-11-24 21:30:00+00:00")
    assert ends(late) == ["20:30", "21:00", "22:30"]


def test_a_bar_before_the_open_keeps_its_length() -> None:
    assert ends(utc("2021-11-24 14:00:00+00:00", "2021-11-24 15:00:00+00:00")) == ["15:00", "16:00"]


def test_the_session_is_new_york_s_date() -> None:
    """After-hours trade of 25 October is on the 26th in UTC."""
    found = utc("2021-10-25 18:00:00Z", "2021-10-25 19:00:00Z", "2021-10-26 00:00:00Z").tables["bars"]
    assert found["session"].unique().to_list() == [date(2021, 10, 25)]


@pytest.mark.parametrize(
    "stamp", ["2021-11-24T15:00:00Z", "2021-11-24 15:00+00:00", "2021-11-24 10:00:00-05:00", "20211124 10:00:00-0500"]
)
def test_offsets_in_several_forms(stamp: str) -> None:
    assert utc(stamp, "2021-11-24 16:00:00Z").tables["bars"]["start"][0] == datetime(2021, 11, 24, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "interval"), [(1, "1m"), (5, "5m"), (15, "15m"), (30, "30m"), (60, "1h"), (90, "90m"), (240, "4h")]
)
def test_the_most_frequent_distance_is_the_interval(minutes: int, interval: str) -> None:
    first = datetime(2021, 11, 24, 14, 30, tzinfo=UTC)
    stamps = [first + k * timedelta(minutes=minutes) for k in (0, 1, 2)]
    stamps += [first + timedelta(days=5), first + timedelta(days=5, minutes=minutes)]
    assert set(utc(*(f"{s:%Y-%m-%d %H:%M}Z" for s in stamps)).tables["bars"]["interval"]) == {interval}


@pytest.mark.parametrize(
    ("stamps", "cause"),
    [
        (["2021-11-24 15:00:00Z"], "fewer than two readable stamps"),
        (["2021-11-24 15:00:00Z", "2021-11-24 15:00:00Z"], "fewer than two readable stamps"),
        (["2021-11-24 05:00:00Z", "2021-11-26 05:00:00Z"], "2 days, 0:00:00 apart"),
        (["2021-11-24 15:00:00Z", "2021-11-24 15:00:30Z"], "0:00:30 apart"),
    ],
)
def test_stamps_that_are_no_bars(stamps: list[str], cause: str) -> None:
    with pytest.raises(RefusedFile, match=cause):
        utc(*stamps)


def test_bad_rows_are_listed() -> None:
    good = [f"2021-11-24 {h}:00:00Z" for h in (15, 16, 17)]
    extract = utc(*good, "2021-11-24 25:00:00Z", "2021-11-25 15:00:00Z", "2021-11-24 18:00:00", good[0])
    assert extract.tables["bars"].height == 3
    assert [r[:44] for r in extract.refused["reason"]] == [
        "'2021-11-24 25:00:00Z' is not a time YYYY-MM",
        "2021-11-25 is no session of the New York Sto",
        "'2021-11-24 18:00:00' is not a time YYYY-MM-",
        "'2021-11-24 15:00:00Z' stands twice for 2021",
    ]


def test_an_index_has_no_bars_within_the_day() -> None:
    with pytest.raises(RefusedFile, match=r"\^GSPC is an index.*import its daily file"):
        utc("2021-11-24 15:00:00Z", "2021-11-24 16:00:00Z", symbol="spx")


def test_local_time_through_the_weeks_when_only_one_side_has_changed_its_clocks() -> None:
    """Amsterdam is 6 hours ahead of New York, 5 from 13 to 27 March 2022, and 6 again."""
    stamps = [f"2022-03-{d} {h}:30:00" for d, h in ((11, 15), (11, 16), (14, 14), (14, 15), (28, 15), (28, 16))]
    found = local(*stamps).tables["bars"]["start"]
    hours = [(d, h) for d, h in ((11, 14), (11, 15), (14, 13), (14, 14), (28, 13), (28, 14))]
    assert found.to_list() == [datetime(2022, 3, d, h, 30, tzinfo=UTC) for d, h in hours]


def test_an_hour_that_clocks_skip_or_repeat_is_refused() -> None:
    sound = [f"2022-03-25 {h}:30:00" for h in (15, 16, 17)]
    extract = local(*sound, "2022-03-27 02:30:00", "2022-10-30 02:30:00")
    assert extract.refused["reason"].to_list() == [
        f"'{s} 02:30:00' is skipped or stands twice when clocks change" for s in ("2022-03-27", "2022-10-30")
    ]


def test_local_time_needs_a_zone() -> None:
    with pytest.raises(RefusedFile, match="give --zone, such as Europe/Amsterdam"):
        local("2022-03-25 15:30:00", options=Options(symbol="ZZA"))
    with pytest.raises(RefusedFile, match="'Mars/Base' is no time zone"):
        local("2022-03-25 15:30:00", options=Options(symbol="ZZA", zone="Mars/Base"))
    assert LOCAL.transform(text(*WALLS), "x", Options(symbol="ZZA", zone="America/New_York")).refused.height == 0


def test_lots_of_a_hundred_shares() -> None:
    extract = IBKR.transform(text(*LOTS), "x", AMSTERDAM)
    assert extract.tables["bars"]["volume"].to_list() == [100, 2000, 300, 4000]
    assert extract.remark == "volume read as lots of 100 shares"
    assert local("2022-03-25 15:30:00", "2022-03-25 16:30:00").tables["bars"]["volume"].to_list() == [5, 5]


def test_few_rows_in_a_wrong_zone() -> None:
    with pytest.raises(RefusedFile) as caught:
        local("2022-03-25 09:30:00", "2022-03-25 10:30:00", "2022-03-25 11:30:00")
    assert "read in Europe/Amsterdam, 0% of its volume falls into New York's regular hours" in caught.value.cause
    assert "and 100% would with stamps" in caught.value.cause
    assert caught.value.fix == "give the right --zone"


def traded(first: date, last: date, *, shift: int = 0, after: date = date.max) -> bytes:
    """Give half-hourly bars with extended hours in UTC, the most near open and close; late by hours from a day on."""
    weights = [(h, 20.0 if 9.5 <= h < 16 else 1.0) for h in (4 + k / 2 for k in range(32))]
    weights = [(h, w * (4 if h in (9.5, 15.5) else 1)) for h, w in weights]
    rows = [HEADER]
    for session in sessions.schedule().filter(pl.col("session").is_between(first, last))["session"]:
        late = shift if session >= after else 0
        midnight = sessions.at_new_york(session, datetime.min.time())
        rows += [f"{midnight + timedelta(hours=h + late):%Y-%m-%d %H:%M},{REST},{w}" for h, w in weights]
    return text(*rows)


@pytest.mark.parametrize("zone", ["UTC", "Africa/Abidjan"])
def test_the_right_zone_passes(zone: str) -> None:
    content = traded(date(2022, 1, 3), date(2022, 6, 30))
    assert LOCAL.transform(content, "x", Options(symbol="ZZA", zone=zone)).refused.height == 0


@pytest.mark.parametrize(
    ("zone", "months", "moved"),
    [
        ("Europe/Lisbon", "3 of its 6 months, the first 2022-04", "1 h later"),
        ("Europe/Amsterdam", "regular hours, and ", "h later"),
        ("America/New_York", "regular hours, and ", "h earlier"),
        ("Atlantic/Azores", "3 of its 6 months, the first 2022-01", "1 h earlier"),
    ],
)
def test_a_wrong_zone_is_found_even_if_wrong_only_in_summer(zone: str, months: str, moved: str) -> None:
    content = traded(date(2022, 1, 3), date(2022, 6, 30))
    with pytest.raises(RefusedFile) as caught:
        LOCAL.transform(content, "x", Options(symbol="ZZA", zone=zone))
    assert months in caught.value.cause
    assert moved in caught.value.cause


@pytest.mark.parametrize("hours", [-1, 1, 2])
def test_rows_that_slid_half_way_are_found_in_offset_stamps_too(hours: int) -> None:
    content = traded(date(2022, 1, 3), date(2022, 6, 30), shift=hours, after=date(2022, 4, 1))
    with pytest.raises(RefusedFile, match="in 3 of its 6 months, the first 2022-04") as caught:
        LOCAL.transform(content, "x", Options(symbol="ZZA", zone="UTC"))
    assert "give the right --zone, or if its rows have slid" in caught.value.fix
    stamped = content.replace(b",10.5,", b"Z,10.5,")
    with pytest.raises(RefusedFile, match=r"by its own offsets, .* in 3 of its 6 months"):
        INTRADAY.transform(stamped, "x", Options(symbol="ZZA"))


def test_a_month_that_begins_with_one_evening_is_no_fault() -> None:
    rows = [
        r for r in traded(date(2022, 1, 31), date(2022, 2, 28)).decode().splitlines() if r[:16] > "2022-01-31 21:00"
    ]
    found = LOCAL.transform(text(HEADER, *(r for r in rows if r[0] == "2")), "x", Options(symbol="ZZA", zone="UTC"))
    assert found.tables["bars"]["session"].min() == date(2022, 1, 31)


def test_without_volume_there_is_nothing_to_check() -> None:
    header, *rows = traded(date(2022, 1, 3), date(2022, 1, 31)).decode().splitlines()
    content = text(header, *(f"{r.rpartition(',')[0]},0" for r in rows))
    assert LOCAL.transform(content, "x", Options(symbol="ZZA", zone="Europe/Amsterdam")).tables["bars"].height > 0


starts = st.datetimes(datetime(1995, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 Hypothesis takes bounds without a zone


@given(st.lists(starts, min_size=2, max_size=30, unique=True), st.sampled_from([5, 15, 30, 60]))
def test_every_bar_lies_within_its_length_and_never_across_the_close(drawn: list[datetime], minutes: int) -> None:
    """Of any stamps on sessions, whatever their volume."""
    step = timedelta(minutes=minutes)
    pairs = sorted({x for d in drawn for s in [d.replace(minute=0, second=0, microsecond=0)] for x in (s, s + step)})
    rows = (f"{s:%Y-%m-%d %H:%M:%S}Z,{REST},0" for s in pairs)
    try:
        extract = INTRADAY.transform(text(HEADER, *rows), "x", Options(symbol="ZZA"))
    except RefusedFile:  # too many on no session
        return
    found = extract.tables["bars"].join(sessions.schedule(), on="session")
    length = pl.col("end") - pl.col("start")
    across = (
        (pl.col("start") < pl.col("closes")) & (pl.col("end") > pl.col("closes")) & (pl.col("start") >= pl.col("opens"))
    )
    assert found.select(((length > timedelta(0)) & (length <= timedelta(hours=4)) & ~across).all()).item()
    assert found.height + extract.refused.height == len(pairs)
