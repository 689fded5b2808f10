"""The panel of a store: computed once, kept under the hash of data and declarations."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.markets import small
from overshort import schema
from overshort.engine import panel as panels
from overshort.engine.computing import Step, compute
from overshort.engine.intake import import_frames
from overshort.engine.panel import market, panel, stocks
from overshort.errors import UnknownSubject
from overshort.store import asof
from overshort.store.lake import Lake
from store.checks import sentence
from store.rows import levels


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return import_frames(tmp_path / "home", small().tables, source="simulated", simulated=True, content=b"a market")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[panels.Scope]:
    """Count the computations."""
    made: list[panels.Scope] = []

    def computing(tables: Mapping[str, pl.LazyFrame], scope: panels.Scope, *, step: Step) -> pl.DataFrame:
        made.append(scope)
        return compute(tables, scope, step=step)

    monkeypatch.setattr(panels, "compute", computing)
    return made


def kept(lake: Lake) -> list[Path]:
    return sorted((lake.home / "cache").iterdir())


def test_it_is_computed_once(lake: Lake, counted: list[panels.Scope]) -> None:
    first = panel(lake, market())
    assert len(kept(lake)) == 1
    assert kept(lake)[0].suffix == ".parquet"
    assert_frame_equal(panel(lake, market()), first, check_exact=True)
    assert_frame_equal(panel(Lake.open(lake.home), market()), first, check_exact=True)
    assert len(counted) == 1
    kept(lake)[0].unlink()
    assert_frame_equal(panel(lake, market()), first, check_exact=True)
    assert len(counted) == 2


def test_it_is_valid_and_sorted(lake: Lake) -> None:
    found = panel(lake, market())
    assert dict(found.schema) == schema.PANEL
    schema.Panel.validate(found)
    assert_frame_equal(found, found.sort("id", "subject", "at", "known_at"))


def test_a_cache_that_was_removed_is_made_again(lake: Lake) -> None:
    (lake.home / "cache").rmdir()
    assert panel(lake, market()).height
    assert len(kept(lake)) == 1


def test_other_data_are_computed_anew(lake: Lake, counted: list[panels.Scope]) -> None:
    panel(lake, market())
    with lake.writing():
        lake.append("levels", levels(1.0))
    panel(lake, market())
    assert len(counted) == len(kept(lake)) == 2


def test_other_declarations_are_computed_anew(
    lake: Lake, counted: list[panels.Scope], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel(lake, market())
    monkeypatch.setattr(panels, "declaration_hash", lambda: "0" * 16)
    panel(lake, market())
    assert len(counted) == len(kept(lake)) == 2


def test_a_panel_of_data_that_changed_meanwhile_is_not_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def disturbed(tables: Mapping[str, pl.LazyFrame], scope: panels.Scope, *, step: Step) -> pl.DataFrame:
        whole = compute(tables, scope, step=step)
        with lake.writing():
            lake.append("levels", levels(1.0))
        return whole

    monkeypatch.setattr(panels, "compute", disturbed)
    panel(lake, market())
    assert kept(lake) == []


def test_stocks_have_a_panel_of_their_own(lake: Lake, counted: list[panels.Scope]) -> None:
    symbols = lake.scan("short_interest").collect()["symbol"].unique().sort().to_list()[:2]
    found = panel(lake, stocks(symbols))
    assert set(found["subject"]) == set(symbols)
    assert_frame_equal(panel(lake, stocks([*symbols[::-1], symbols[0]])), found, check_exact=True)
    assert len(counted) == 1


def test_an_unknown_stock(lake: Lake) -> None:
    known = lake.scan("short_interest").collect()["symbol"][0]
    with pytest.raises(UnknownSubject) as caught:
        panel(lake, stocks(["NOSUCH", known, "BRK.B"]))
    message = sentence(caught)
    assert message.startswith("BRK.B, NOSUCH has no short-interest row in the store; ")
    assert "written without separators (BRKB)" in message
    assert kept(lake) == []


def test_as_of_an_instant_it_is_the_panel_of_what_was_known(lake: Lake) -> None:
    """What a brief shows as of a day is the newest row of a panel computed from that day's rows alone."""
    whole = panel(lake, market())
    known = whole["known_at"].unique().sort()
    cut: datetime = known[len(known) * 3 // 4]
    tables = {n: asof.known(lake.scan(n), cut) for n in schema.TABLES}
    then = asof.latest(whole.lazy(), cut).sort("id", "subject").collect()
    alone = asof.latest(compute(tables, market()).lazy(), cut).sort("id", "subject").collect()
    assert_frame_equal(then, alone, check_exact=True)
    assert then.height


def test_it_tells_how_far_it_is_and_stops_where_it_is_told_to(lake: Lake) -> None:
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        panel(lake, market(), step=stop)
    assert kept(lake) == []
    told.clear()
    panel(lake, market(), step=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, told[0][1] + 1))
    told.clear()
    panel(lake, market(), step=lambda done, total: told.append((done, total)))
    assert told == []


def test_it_is_not_kept_where_that_is_not_wanted(lake: Lake) -> None:
    first = panel(lake, market(), keep=False)
    assert kept(lake) == []
    assert_frame_equal(panel(lake, market()), first, check_exact=True)
    assert len(kept(lake)) == 1
