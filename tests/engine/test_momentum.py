"""Who is sorted at a report, by what, and from when: a store made by hand against a recount."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from contracts.market import stored
from overshort import sessions
from overshort.engine.intake import import_frames
from overshort.engine.momentum import member_closes, momentum, ranked_members
from overshort.evidence.quintiles import Closes, doubly_sorted
from overshort.store.lake import Lake

FAR = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = [f"S{k:03d}" for k in range(120)]
LEFT, SILENT, OUTSIDE = "S000", "S001", "OUT"
REPORTS = sessions.settlements_between(date(2019, 1, 2), date(2019, 6, 30))
DAYS = sessions.schedule().filter(pl.col("session").is_between(date(2017, 10, 2), date(2019, 12, 31)))
SAME = {"source": "simulated"}


def membership() -> pl.DataFrame:
    rows = [
        {
            "index": "SPX",
            "symbol": n,
            "first": date(2010, 1, 4),
            "last": date(2019, 3, 1) if n == LEFT else None,
            "basis": "spells",
            "dated": None,
            "weight": None,
            "symbol_raw": n,
            "known_at": datetime(2010, 1, 4, tzinfo=UTC),
        }
        | SAME
        for n in NAMES
    ]
    return pl.DataFrame(rows)


def reports() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    rows = [
        {
            "symbol": n,
            "settlement": day,
            "position": int(rng.integers(1000, 90_000)),
            "previous": None,
            "adv": None if n == SILENT else int(rng.integers(1000, 9_000)),
            "split": False,
            "revised": False,
            "market": "NYSE",
            "exchange": None,
            "name": n,
            "dtc_published": None,
            "symbol_raw": n,
            "known_at": sessions.publication(day)[0],
        }
        | SAME
        for day in REPORTS
        for n in [*NAMES, OUTSIDE]
    ]
    return pl.DataFrame(rows)


def bars() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    parts = []
    for n in NAMES:
        close = 50 * np.exp(np.cumsum(0.02 * rng.standard_normal(DAYS.height)))
        parts.append(
            DAYS.select(
                pl.lit(n).alias("symbol"),
                pl.lit("1d").alias("interval"),
                pl.col("opens").alias("start"),
                pl.col("closes").alias("end"),
                "session",
                *(pl.lit(None, pl.Float64).alias(c) for c in ("open", "high", "low")),
                pl.Series("close", close),
                pl.lit(None, pl.Float64).alias("volume"),
                pl.lit("total").alias("adjustment"),
                pl.lit("USD").alias("currency"),
                pl.lit(n).alias("symbol_raw"),
                pl.col("closes").alias("known_at"),
                pl.lit("simulated").alias("source"),
            )
        )
    return pl.concat(parts)


def raw() -> dict[str, pl.DataFrame]:
    return {"short_interest": reports(), "membership": membership(), "bars": bars()}


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return {name: stored(name, rows) for name, rows in raw().items()}


@pytest.fixture(scope="module")
def lake(frames: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("momentum") / "store"
    rows = {name: frame.drop("sha256", "batch") for name, frame in frames.items()}
    return import_frames(folder, rows, source="simulated", simulated=True, content=b"by hand")


def ranked(frames: dict[str, pl.DataFrame], *more: pl.DataFrame) -> pl.DataFrame:
    short = pl.concat([frames["short_interest"], *more])
    known = {"short_interest": short.lazy(), "membership": frames["membership"].lazy()}
    first = {"short_interest": frames["short_interest"].lazy(), "membership": frames["membership"].lazy()}
    return ranked_members(known, first)


def test_members_are_those_of_the_day_with_what_was_first_published(frames: dict[str, pl.DataFrame]) -> None:
    found = ranked(frames)
    for day in REPORTS:
        own = found.filter(pl.col("settlement") == day)
        expected = {n for n in NAMES if n != SILENT and not (n == LEFT and day >= date(2019, 3, 1))}
        assert set(own["symbol"]) == expected
        published = sessions.publication(day)[0].astimezone(sessions.NEW_YORK).date()
        assert own["entry"].unique().to_list() == [sessions.next_session(published)]
    rows = frames["short_interest"].select("symbol", "settlement", (pl.col("position") / pl.col("adv")).alias("theirs"))
    both = found.join(rows, on=["symbol", "settlement"])
    assert both["days_to_cover"].to_list() == both["theirs"].to_list()


def test_a_later_revision_changes_nothing_that_was_sorted(frames: dict[str, pl.DataFrame]) -> None:
    later = frames["short_interest"].with_columns(
        pl.col("position") * 7, pl.col("known_at").dt.offset_by("30d"), pl.lit(True).alias("revised")
    )
    assert ranked(frames, later).equals(ranked(frames))


def test_the_study_is_the_double_sort_of_what_the_store_holds(frames: dict[str, pl.DataFrame], lake: Lake) -> None:
    found = momentum(lake, FAR, (5, 21))
    assert found is not None
    closes = member_closes(frames["bars"].lazy(), FAR)
    assert found["horizons"] == doubly_sorted(Closes.of(closes), ranked(frames), (5, 21))
    assert (found["reports"], found["members"], found["priced"]) == (len(REPORTS), 119, 120)
    assert found["coverage"] == 1.0


def test_what_was_not_known_then_is_not_there(lake: Lake) -> None:
    then = sessions.end_of_day(date(2019, 5, 31))
    found = momentum(lake, then, (21,))
    assert found is not None
    assert found["to"] == max(d for d in REPORTS if sessions.publication(d)[0] <= then).isoformat()
    exits = [sessions.next_session(sessions.publication(d)[0].date()) + timedelta(days=31) for d in REPORTS]
    assert found["horizons"][0]["reports"] == sum(day <= date(2019, 5, 31) for day in exits)
    assert momentum(lake, datetime(2018, 6, 1, tzinfo=UTC), (21,)) is None


def test_the_page_says_what_it_rests_on(lake: Lake, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    from overshort.surfaces import cli

    monkeypatch.setenv("OVERSHORT_HOME", str(lake.home))
    assert cli._run(["study", "momentum", "--as-of", "2019-12-30"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("rising, most shorted", "Survivorship: closes are on file for 120 symbols", "chance alone gives one"):
        assert words in said
