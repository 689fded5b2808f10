"""What a price file's name says, what the user says, and what was said before."""

from pathlib import Path

import polars as pl
import pytest

from engine.homes import assert_same, only, statuses, take, visible
from overshort.engine.forget import forget
from overshort.engine.hints import check_said, settled, symbol_in, zone_in
from overshort.errors import UsageError
from overshort.sources import SOURCES, Options
from overshort.sources.daily import DAILY
from overshort.sources.intraday import IBKR, INTRADAY
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from sources.examples import DAYS, HOURS, LISTED, LOTS, MISPRINTED, text


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_bytes(text(*lines))
    return path


def options(home: Path) -> list[dict[str, str]]:
    return [dict(r.options) for r in Vault(home / "raw").records()]


def symbols(home: Path) -> list[str]:
    return Lake.open(home).scan("bars").select(pl.col("symbol").unique().sort()).collect()["symbol"].to_list()


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("SPY_yahoo_unadj_to_2026-08-21.csv", "SPY"),
        ("/folder_of_QQQ/spy.csv", "SPY"),
        ("iwm-1h.csv.gz", "IWM"),
        ("brkb daily.csv", "BRKB"),
        ("^GSPC.csv", "^GSPC"),
        ("sp500_index_ohlcv_2010_2025.csv", "^GSPC"),
        ("SPX.csv", "^GSPC"),
        ("vix-daily_cboe_1990.csv", "VIX"),
        ("^VIX.csv", "VIX"),
        ("prices.csv", None),
        ("Data_2024.csv", None),
        ("daily_SPY.csv", None),
        ("download.csv", None),
        ("2024-01-02.csv", None),
        ("(SPY).csv", None),
        (".csv", None),
        ("", None),
    ],
)
def test_the_symbol_in_a_name(name: str, symbol: str | None) -> None:
    assert symbol_in(name) == symbol


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("QQQ_1h_IBKR_2015-07_2022-07_CET.csv", "CET"),
        ("SPY_5m_EST5EDT.csv", "EST5EDT"),
        ("SPY 5m UTC.csv", "UTC"),
        ("SPY_15min_IBKR.csv", None),
        ("SPY_XYZ.csv", None),
        ("CET_1h.csv", None),
    ],
)
def test_the_zone_in_a_name(name: str, zone: str | None) -> None:
    assert zone_in(name) == zone


def test_the_user_s_word_comes_first_then_the_name_then_what_was_said_before() -> None:
    before = {"symbol": "OLD1", "zone": "Europe/Paris"}
    found, told = settled(IBKR, "SPY_1h_CET.csv", Options(symbol="QQQ"), before)
    assert (found, told) == (Options(symbol="QQQ", zone="CET"), "in CET time (from its name)")
    found, told = settled(IBKR, "SPY.csv", Options(), before)
    assert (found, told) == (Options(symbol="SPY", zone="Europe/Paris"), "taken as SPY (from its name)")
    assert settled(IBKR, "download.csv", Options(), before) == (Options(symbol="OLD1", zone="Europe/Paris"), "")
    assert settled(INTRADAY, "SPY_CET.csv", Options(), {})[0] == Options(symbol="SPY"), "its stamps carry an offset"
    others = [s for s in SOURCES if not s.asks]
    assert all(settled(s, "SPY_CET.csv", Options(), before) == (Options(), "") for s in others)


def test_sources_ask_for_options_that_there_are() -> None:
    assert frozenset().union(*(s.asks for s in SOURCES)) == {"symbol", "zone"}


def test_the_record_keeps_what_was_settled_and_a_later_reading_gives_the_same(home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "SPY_15min_CET.csv", *LOTS)
    outcome = only(take(home, path))
    assert outcome.status == "taken"
    assert outcome.cause == "taken as SPY, in CET time (from its name); volume read as lots of 100 shares"
    assert options(home) == [{"symbol": "SPY", "zone": "CET"}]
    before = visible(home)
    vault = Vault(home / "raw")
    forget(home, str(path))
    record = vault.records()[0]
    vault.put(
        path.read_bytes(), type(record)(**{**_fields(record), "name": "elsewhere", "state": "pending", "batch": 1})
    )
    file(tmp_path, "other.csv", *DAYS)
    take(home, tmp_path / "other.csv", options=Options(symbol="ZZ"))
    after = visible(home)
    assert_same({t: f.filter(pl.col("source") == IBKR.name) for t, f in after.items()}, before)


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def test_the_same_file_again_is_known_byte_for_byte(home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "spy.csv", *DAYS)
    take(home, path)
    version = Lake.open(home).version()
    for said in (Options(), Options(symbol="SPY")):
        outcome = only(take(home, path, options=said))
        assert (outcome.status, outcome.cause, outcome.known) == ("known", "byte for byte", 3)
    assert Lake.open(home).version() == version


def test_a_copy_named_after_another_symbol_is_refused(home: Path, tmp_path: Path) -> None:
    take(home, file(tmp_path, "SPY.csv", *DAYS))
    version = Lake.open(home).version()
    found = take(home, file(tmp_path, "QQQ.csv", *DAYS))
    assert (only(found).status, found.exit_code) == ("refused", 1)
    assert "went in with --symbol SPY before and would give other rows with --symbol QQQ" in only(found).cause
    assert Lake.open(home).version() == version
    assert symbols(home) == ["SPY"]


def test_a_copy_whose_name_says_nothing_is_known(home: Path, tmp_path: Path) -> None:
    take(home, file(tmp_path, "SPY.csv", *DAYS))
    outcome = only(take(home, file(tmp_path, "download.csv", *DAYS)))
    assert (outcome.status, outcome.cause) == ("known", "byte for byte")


def test_another_word_for_the_same_changes_nothing(home: Path, tmp_path: Path) -> None:
    take(home, file(tmp_path, "sp500.csv", *MISPRINTED))
    outcome = only(take(home, tmp_path / "sp500.csv", options=Options(symbol="spx", adjustment="none")))
    assert (outcome.status, outcome.added, outcome.known) == ("known", 0, 3)


def test_an_adjustment_that_would_make_other_rows_is_refused(home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "SPY.csv", *DAYS)
    take(home, path)
    outcome = only(take(home, path, options=Options(adjustment="none")))
    assert outcome.status == "refused"
    assert "--symbol SPY --adjustment none" in outcome.cause


def test_a_name_that_says_nothing(home: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "download.csv", *DAYS)
    found = take(home, path)
    assert (only(found).status, found.exit_code) == ("refused", 1)
    assert only(found).cause == "it does not say whose prices these are; give --symbol"
    assert only(take(home, path, options=Options(symbol="zz.a"))).status == "taken"
    assert symbols(home) == ["ZZA"]


def test_a_folder_of_symbols(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    file(folder, "SPY_1h.csv", *HOURS)
    file(folder, "QQQ_1h.csv", *HOURS, "2022-03-14 15:30:00+00:00,10.5,11,10,10.75,9")
    file(folder, "vix.csv", *MISPRINTED)
    found = take(home, folder)
    assert set(statuses(found).values()) == {"taken"}
    assert symbols(home) == ["QQQ", "SPY"]
    assert [o["symbol"] for o in options(home)] == ["QQQ", "SPY", "VIX"]


def test_one_symbol_for_several_price_files_is_a_mistake(home: Path, tmp_path: Path) -> None:
    paths = [file(tmp_path, "a.csv", *DAYS), file(tmp_path, "b.csv", *HOURS), file(tmp_path, "c.csv", *LISTED)]
    with pytest.raises(UsageError, match="--symbol SPY would make the prices of 2 files those of one symbol"):
        take(home, *paths, options=Options(symbol="SPY"))
    assert not (home / "raw").exists()
    check_said(Options(symbol="SPY"), [DAILY, *(s for s in SOURCES if not s.asks)])


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../UTC", "/etc/localtime", "Europe/amsterdam "])
def test_a_zone_that_is_none_is_a_mistake(home: Path, tmp_path: Path, zone: str) -> None:
    with pytest.raises(UsageError, match="is no time zone"):
        take(home, file(tmp_path, "SPY.csv", *LOTS), options=Options(zone=zone))
