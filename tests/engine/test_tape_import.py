"""Tapes into a store: refused ones leave it untouched, unknown codes are kept; subjects that are underlyings."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.homes import NOW, only, take
from overshort.engine.moment import moment
from overshort.engine.panel import KINDS, kinds_of, market, panel, panel_of, stocks, traded, underlyings
from overshort.engine.tape import tape
from overshort.errors import NothingToShow, UnknownSubject
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from sources import option_examples as options

HEADER, FIRST, *_ = options.OPTION_TRADES
VIX = FIRST.replace("^ZZI", "^VIX").replace(",ZZI,", ",VIX,")


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def put(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def table(home: Path) -> pl.DataFrame:
    return Lake.open(home).scan("option_trades").collect()


@pytest.fixture
def filled(home: Path, tmp_path: Path) -> Path:
    """Give a store with one trade of VIX and two of another underlying."""
    night = VIX.replace(",77,", ",78,").replace("2022-03-04 15:59:58.125", "2022-03-04 20:15:00.000")
    take(home, put(tmp_path, "tape.csv", text(HEADER, VIX, night)), put(tmp_path, "b.csv", text(*options.CALCULATED)))
    return home


REFUSED = {
    "its gzip ends too early": gzip.compress(text(*options.OPTION_TRADES) * 30)[:-20],
    "28 fields where the header has 27": text(HEADER, VIX + ",1"),
    "another product of Cboe DataShop": b"underlying_symbol,date,period,skew_index\nZZ,2022-03-04,30,0.05\n",
    "its data set is GLBX.MDP3": options.encoded("tbbo", dataset="GLBX.MDP3"),
    "its zstd ends too early": options.encoded("tbbo", packed=True)[:-3],
    "its JSON cannot be read": text(*options.CHAIN)[:-5],
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_refused_tape_leaves_the_store_untouched(filled: Path, tmp_path: Path, said: str) -> None:
    before, version = table(filled), Lake.open(filled).version()
    found = take(filled, put(tmp_path, "bad", REFUSED[said]))
    assert (only(found).status, said in only(found).cause, found.exit_code) == ("refused", True, 1)
    assert Lake.open(filled).version() == version
    assert_frame_equal(table(filled), before)
    assert len(Vault(filled / "raw").records()) == 2


def test_a_vocabulary_that_is_not_ours_is_kept_and_said(home: Path, tmp_path: Path) -> None:
    found = take(home, put(tmp_path, "tape.csv", text(HEADER, VIX.replace(",125,0,", ",999,0,"))))
    assert only(found).status == "taken"
    assert only(found).cause == "1 trade with conditions that are on no table, kept as of unknown legs: 999 (1)"
    assert table(home).select("condition", "leg").rows() == [("999", "unknown")]


def test_the_same_trades_in_another_order_or_packing_are_known(filled: Path, tmp_path: Path) -> None:
    header, one, other = options.CALCULATED
    found = take(filled, put(tmp_path, "again.csv.gz", gzip.compress(text(header, other, one))))
    assert (only(found).status, only(found).known, only(found).added) == ("known", 2, 0)


def test_a_subject_may_be_an_underlying_besides(filled: Path) -> None:
    assert {s for s in KINDS if len(kinds_of(s)) > 1} == {"VIX"}
    assert market().subjects.filter(pl.col("subject") == "VIX")["kind"].to_list() == ["volatility", "underlying"]
    assert underlyings(["SPY", "VIX"]).subjects["kind"].to_list() == ["underlying"] * 2
    lake = Lake.open(filled)
    assert traded(lake, ["VIX", "ZZB", "SPX"]) == {"VIX", "ZZB"}
    whole = panel(lake, market())
    own = whole.filter(pl.col("id").str.starts_with("tape."))
    assert own["subject"].unique().to_list() == ["VIX"]
    assert_frame_equal(own, panel(lake, underlyings(["VIX"])), check_exact=True)
    assert_frame_equal(panel_of(lake, ["VIX"]), whole.filter(pl.col("subject") == "VIX"), check_exact=True)


def test_a_symbol_of_which_there_are_only_options_has_a_panel(filled: Path) -> None:
    lake = Lake.open(filled)
    found = panel_of(lake, ["ZZB", "VIX"])
    assert set(found["subject"]) == {"VIX", "ZZB"}
    assert found.filter(pl.col("subject") == "ZZB")["id"].str.starts_with("tape.").all()
    assert stocks(["ZZB"]).ids != underlyings(["ZZB"]).ids
    with pytest.raises(UnknownSubject, match="NOSUCH has no short-interest row"):
        panel_of(lake, ["ZZB", "NOSUCH"])


def test_a_tape_as_of_a_day(filled: Path) -> None:
    lake = Lake.open(filled)
    first = tape(lake, "VIX", moment("2022-03-04"))
    assert (first.session.isoformat(), first.trades.height, first.figures["tape.trades"].value) == ("2022-03-04", 1, 1)
    assert first.trades.select("side", "premium").row(0) == ("mid", 1250.0)
    later = tape(lake, "VIX", moment("2022-03-07"))
    assert (later.session.isoformat(), later.trades["sequence"].to_list()) == ("2022-03-07", [78])
    with pytest.raises(
        NothingToShow, match="no tape of VIX was whole by 2022-03-03: the first on file is of 2022-03-04"
    ):
        tape(lake, "VIX", moment("2022-03-03"))
    with pytest.raises(NothingToShow, match="the store has no option trade of NDX"):
        tape(lake, "NDX", moment(NOW.date().isoformat()))
