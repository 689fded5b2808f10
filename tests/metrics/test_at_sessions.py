"""The newest row known at each session's close, against a plain search."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort import schema, sessions
from overshort.engine.computing import tables_behind
from overshort.engine.inputs import newest_at_sessions, provider
from overshort.store import asof

START = date(2024, 7, 1)
CLOSES = {
    s: c for s, c in sessions.schedule().select("session", "closes").iter_rows() if START <= s < date(2024, 7, 20)
}
Row = tuple[str, date, datetime]
rows = st.lists(
    st.builds(
        lambda subject, day, late: (
            subject,
            START + timedelta(days=day),
            datetime(2024, 7, 1, 12, tzinfo=UTC) + timedelta(hours=late),
        ),
        st.sampled_from(["A", "B"]),
        st.integers(0, 12),
        st.integers(0, 400),
    ),
    max_size=12,
    unique_by=lambda row: row[:2],
)


def frame(given_rows: list[Row], at: str = "settlement") -> pl.LazyFrame:
    kinds = {"subject": pl.String, at: pl.Date, "known_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(given_rows, schema=kinds, orient="row").lazy()


def tables() -> dict[str, pl.LazyFrame]:
    """Levels up to the last session looked at, and one that a user gave for a day to come."""
    last = pl.DataFrame({"series": ["VIX", "trigger:QQQ"], "at": [max(CLOSES), max(CLOSES) + timedelta(days=9)]}).lazy()
    return {"bars": schema.empty("bars").lazy(), "levels": last}


@given(rows)
def test_it_is_what_a_search_finds(given_rows: list[Row]) -> None:
    expected = []
    for subject in ("A", "B"):
        for session, close in CLOSES.items():
            known = [at for s, at, when in given_rows if s == subject and when <= close]
            expected += [(subject, session, max(known))] if known else []
    found = newest_at_sessions(frame(given_rows), tables()).filter(pl.col("session") >= START)
    assert found.select("subject", "session", "settlement").sort("subject", "session").collect().rows() == expected


@given(rows, st.integers(0, 400))
def test_what_comes_later_changes_nothing(given_rows: list[Row], hours: int) -> None:
    cut = datetime(2024, 7, 1, 12, tzinfo=UTC) + timedelta(hours=hours)
    whole, early = (
        newest_at_sessions(f, tables()).collect()
        for f in (frame(given_rows), frame([r for r in given_rows if r[2] <= cut]))
    )
    before = [s for s, close in CLOSES.items() if close <= cut]
    seen = pl.col("session").is_in(before)
    assert whole.filter(seen).equals(early.filter(seen))


def test_a_row_overtaken_before_it_was_known_never_leads() -> None:
    noon = datetime(2024, 7, 2, 12, tzinfo=UTC)
    own = frame([("A", date(2024, 7, 2), noon), ("A", date(2024, 7, 1), noon + timedelta(days=1)), ("B", START, noon)])
    assert asof.leading(own, "subject", "settlement").collect()["settlement"].to_list() == [date(2024, 7, 2), START]


def test_sessions_end_with_the_last_one_that_has_a_price() -> None:
    own = frame([("A", START, datetime(2024, 7, 1, 12, tzinfo=UTC))])
    found = newest_at_sessions(own, tables()).collect()
    assert found["session"].to_list() == sorted(CLOSES)
    nothing = {n: schema.empty(n).lazy() for n in ("bars", "levels")}
    assert newest_at_sessions(own, nothing).collect().is_empty()


def test_panel_rows_go_by_their_instant() -> None:
    own = frame([("A", START, datetime(2024, 7, 1, 12, tzinfo=UTC))], "at").with_columns(value=pl.lit(1.0))
    assert newest_at_sessions(own, tables()).collect()["value"].to_list() == [1.0] * len(CLOSES)


def test_the_engine_knows_what_is_behind_such_a_read() -> None:
    assert provider("refusal.state_12m@session") == "refusal.state_12m"
    assert provider("bars") == "bars"
    assert {"short_interest", "levels", "bars"} <= set(tables_behind("fragile.count"))


def test_results_are_handed_on_whole() -> None:
    """Polars 2.1 panics in ``pl.format`` where a filter empties one of three or more chunks; when it no longer does,
    the engine need not put its results into one."""
    parts = [pl.DataFrame({"kind": [kind] * 9, "name": ["x"] * 9}) for kind in ("a", "a", "b")]
    said = pl.format("no {}", "name")
    chunked, whole = (pl.concat(parts, rechunk=one).lazy().filter(pl.col("kind") == "b") for one in (False, True))
    with pytest.raises(pl.exceptions.PanicException):
        chunked.select(said).collect()
    assert whole.select(said).collect().height == 9
