"""Whether price refused the shorts of the real indices: recomputed from the chains and the publishers' closes."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics import refusing, twins
from overshort import schema, sessions
from overshort.engine.figures import figures, select
from overshort.metrics.refusal.states import WINDOWS

pytestmark = pytest.mark.data
NOW = date(2025, 6, 30)
FUNDS = {"SPX": "SPY", "NDX": "QQQ", "RUT": "IWM"}


def column(file: Path, stamp: str, close: str) -> dict[date, float]:
    rows = csv.DictReader(file.read_text("utf-8-sig").splitlines())
    parted = ((r[stamp].replace("/", "-").split("-"), float(r[close])) for r in rows)
    return {date(*map(int, day)): value for day, value in parted}


@pytest.fixture(scope="module")
def closes(data: Path) -> dict[str, refusing.Closes]:
    (index,) = data.glob("prices/sp500_index_*.csv")
    own = {s: [column(*data.glob(f"prices/{f}_yahoo_*.csv"), "Date", "Close")] for s, f in FUNDS.items()}
    return own | {"SPX": [column(index, "date", "close"), *own["SPX"]]}


def chain(panel: pl.DataFrame, subject: str) -> dict[date, float | None]:
    own = panel.filter(pl.col("id") == "crowding.chain", pl.col("subject") == subject).sort("at")
    return dict(own.select(pl.col("at").dt.date(), "value").iter_rows())


@pytest.mark.parametrize("subject", schema.INDEXES)
@pytest.mark.parametrize(("window", "reports"), WINDOWS.items())
def test_states_as_of_the_end_of_june_2025(
    real: pl.DataFrame, closes: dict[str, refusing.Closes], subject: str, window: str, reports: int
) -> None:
    levels = chain(real, subject)
    states = refusing.states(levels, closes[subject], reports)
    assert list(states)[-1] == date(2025, 6, 13)
    tally = refusing.tally(list(states.values()))
    assert tally is not None
    own = select(figures(real, sessions.end_of_day(NOW), simulated=False), subject)
    found = {i: own[f"refusal.{i}"] for i in (f"state_{window}", f"state_{window}_base_rate", f"state_{window}_runs")}
    state, rate, runs = found.values()
    assert (state.value, state.settlement, state.base_date) == (
        states[date(2025, 6, 13)],
        "2025-06-13",
        str(list(levels)[-1 - reports]),
    )
    assert (rate.n, rate.value, runs.value) == (tally[0], pytest.approx(tally[1]), tally[2])
    rank = refusing.rank(list(levels.values()), reports, len(levels) - 1)
    assert own[f"refusal.shorts_rank_{window}"].value == pytest.approx(rank)
    assert state.price_source == ("^GSPC" if subject == "SPX" else FUNDS[subject])
    assert (state.members or "").startswith("snapshot 2025-05-13 backcast" if subject == "RUT" else "point-in-time")
    assert {f.stale for f in found.values()} == {False}


@pytest.mark.parametrize("subject", schema.INDEXES)
def test_absorption_of_every_report(real: pl.DataFrame, closes: dict[str, refusing.Closes], subject: str) -> None:
    levels = {day: value for day, value in chain(real, subject).items() if value is not None}
    expected = refusing.absorption(levels, closes[subject])
    own = real.filter(pl.col("id") == "refusal.absorption", pl.col("subject") == subject)
    found = dict(own.select(pl.col("at").dt.date(), "value").iter_rows())
    assert sum(v is not None for v in expected.values()) == 180 - 61
    assert twins.lined_up(found, expected) == []
