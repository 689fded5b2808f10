"""Flat files of trades and of quotes into a store: whichever comes first, again, taken out, replaced, damaged."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.homes import assert_same, only, statuses, take, visible
from overshort.engine.forget import forget
from overshort.engine.freshness import table_states
from overshort.engine.moment import moment
from overshort.engine.panel import panel, underlyings
from overshort.engine.tape import tape
from overshort.sources import Options
from overshort.store.lake import Lake
from sources import option_examples as options

Paths = dict[str, Path]
BOUGHT = "tape.bought_calls"


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").replace("ZZI", "VIX").encode()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Two equal calls bought at 1.15, and quotes before and at their instant."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "quotes.csv").write_bytes(text(*options.FLAT_QUOTES))
    (folder / "trades.csv.gz").write_bytes(gzip.compress(text(*options.FLAT_TRADES), mtime=0))
    return {"quotes": folder / "quotes.csv", "trades": folder / "trades.csv.gz", "folder": folder}


@pytest.fixture
def both(tmp_path: Path, paths: Paths) -> Path:
    take(tmp_path / "both", paths["folder"])
    return tmp_path / "both"


def measured(home: Path) -> pl.DataFrame:
    return panel(Lake.open(home), underlyings(["VIX"]))


def bought(home: Path) -> list[tuple[float | None, str]]:
    """Give what was bought, oldest knowledge first, with the basis."""
    own = measured(home).filter(pl.col("id") == BOUGHT).sort("known_at")
    return own.select("value", "basis").rows()


SIGNED = (460.0, "price: option trades of massive, quotes joined")
BLIND = (None, "price: option trades of massive")


@pytest.mark.parametrize("order", [("quotes", "trades"), ("trades", "quotes")])
def test_documented_massive_files_in_any_order_make_the_same_store(
    both: Path, tmp_path: Path, paths: Paths, order: Sequence[str]
) -> None:
    home = tmp_path / "apart"
    for name in order:
        assert only(take(home, paths[name])).status == "taken"
    assert_same(visible(home), visible(both))
    assert_frame_equal(measured(home), measured(both), check_exact=True)
    assert bought(home) == [SIGNED]


def test_documented_massive_trades_alone_have_no_side(tmp_path: Path, paths: Paths) -> None:
    take(tmp_path / "home", paths["trades"])
    assert bought(tmp_path / "home") == [BLIND]


def test_the_same_files_again_add_nothing(both: Path, paths: Paths) -> None:
    version = Lake.open(both).version()
    assert statuses(take(both, paths["folder"])) == {"quotes.csv": "known", "trades.csv.gz": "known"}
    again = paths["folder"] / "more.csv"
    again.write_bytes(text(options.FLAT_QUOTES[0], *options.FLAT_QUOTES[:0:-1]))
    assert only(take(both, again)).known == 3
    assert Lake.open(both).version() == version


def test_to_forget_the_quotes_takes_the_sides_away_and_back_again(both: Path, paths: Paths) -> None:
    forget(both, "quotes.csv")
    assert bought(both) == [BLIND]
    take(both, paths["quotes"])
    assert bought(both) == [SIGNED]


def test_documented_massive_quotes_that_are_replaced_are_a_revision(both: Path, paths: Paths) -> None:
    other = paths["folder"] / "replaced.csv"
    other.write_bytes(text(options.FLAT_QUOTES[0], options.FLAT_QUOTES[1].replace(",1.1,", ",1.15,")))
    found = only(take(both, other))
    assert (found.revised, found.added) == (1, 0)
    assert bought(both) == [SIGNED, (0.0, SIGNED[1])]  # locked: no side
    assert tape(Lake.open(both), "VIX", moment("2022-03-05")).figures[BOUGHT].value == 460
    assert tape(Lake.open(both), "VIX", moment("2022-06-01")).figures[BOUGHT].value == 0


def test_a_tape_shows_the_quotes_that_were_joined(both: Path) -> None:
    found = tape(Lake.open(both), "VIX", moment("2022-03-04"))
    own = found.trades.filter(pl.col("right") == "call")
    assert own.select("bid", "ask", "side", "joined").rows() == [(1.1, 1.15, "a", True)] * 2
    assert own["quote_ts_ns"].to_list() == [1_646_404_507_595_999_999] * 2
    assert found.minutes["call_bought"].to_list() == [460.0]
    assert tape(Lake.open(both), "VIX", moment("2022-03-04"), "threads").figures == found.figures


def test_status_counts_the_quotes(both: Path) -> None:
    state = next(s for s in table_states(Lake.open(both)) if s.table == "option_quotes")
    assert (state.rows, str(state.first), str(state.last), state.files) == (3, "2022-03-04", "2022-03-04", 1)


DAMAGED = {
    "its gzip ends too early": gzip.compress(text(*options.FLAT_QUOTES) * 30)[:-20],
    "10 fields where the header has 9": text(*options.FLAT_QUOTES[:-1], options.FLAT_QUOTES[-1] + ",1"),
    "another product": text(*options.FLAT_QUOTES).replace(b"O:", b""),
}


@pytest.mark.parametrize("said", DAMAGED)
def test_damaged_quotes_leave_the_store_untouched(both: Path, tmp_path: Path, said: str) -> None:
    version = Lake.open(both).version()
    (tmp_path / "bad").write_bytes(DAMAGED[said])
    found = take(both, tmp_path / "bad", options=Options())
    assert (only(found).status, said in only(found).cause, found.exit_code) == ("refused", True, 1)
    assert Lake.open(both).version() == version
