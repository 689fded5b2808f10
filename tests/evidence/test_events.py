"""Cases, runs, clusters and windows apart, against walks through the sessions."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from overshort import sessions
from overshort.evidence.events import cases, clusters, effective, entries, runs

INSTANTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda k: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=k))


OPENS = dict(sessions.schedule().select("session", "opens").iter_rows())


def naive_entry(instant: datetime) -> date:
    day = instant.astimezone(sessions.NEW_YORK).date() - timedelta(days=1)
    while not (day in OPENS and OPENS[day] > instant):
        day += timedelta(days=1)
    return day


@given(st.lists(INSTANTS, min_size=1, max_size=8))
def test_an_entry_is_the_first_open_later_than_the_instant(instants: list[datetime]) -> None:
    found = entries(pl.Series("decided", instants, dtype=pl.Datetime("us", "UTC")))
    assert found.to_list() == [naive_entry(i) for i in instants]


def test_what_is_known_at_the_open_is_entered_a_day_later() -> None:
    opens = sessions.schedule().filter(pl.col("session") == date(2024, 7, 2))["opens"]
    assert entries(opens).to_list() == [date(2024, 7, 3)]
    assert entries(opens.dt.offset_by("-1us")).to_list() == [date(2024, 7, 2)]


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_numbered(holds: list[bool]) -> None:
    expected: list[int | None] = []
    for number, (up, own) in enumerate(groupby(holds)):
        expected += [number if up else None] * len(list(own))
    names = sorted({n for n in expected if n is not None})
    assert runs(holds) == [None if n is None else names.index(n) for n in expected]


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=20), st.integers(1, 60))
def test_clusters_and_windows_apart(steps: list[tuple[int, bool]], horizon: int) -> None:
    places, own, place, run = [], [], 0, 0
    for gap, new in steps:
        place, run = place + gap, run + new
        places.append(place)
        own.append(run)
    starts = [k for k in range(len(own)) if k == 0 or own[k] != own[k - 1]]
    joined = sum(k > 0 and places[k] - places[k - 1] < horizon for k in starts)
    assert clusters(places, own, horizon) == len(starts) - joined
    assert effective(places, horizon) == most_apart(places, horizon)


def most_apart(places: list[int], horizon: int) -> int:
    """Give the largest set of windows that do not overlap, by dynamic programming."""
    best = [0] * (len(places) + 1)
    for k in range(len(places) - 1, -1, -1):
        after = next((j for j in range(k + 1, len(places)) if places[j] >= places[k] + horizon), len(places))
        best[k] = max(best[k + 1], 1 + best[after])
    return best[0]


def test_of_two_cases_with_one_entry_the_last_counts() -> None:
    days = [date(2024, 7, 5), date(2024, 7, 6), date(2024, 7, 8)]
    decided = [sessions.end_of_day(d) for d in days]
    flag = pl.DataFrame({"at": days, "decided": decided, "holds": [False, True, True]})
    found = cases(flag, "session")
    assert found.select("at", "entry", "run").rows() == [
        (days[1], date(2024, 7, 8), 0),
        (days[2], date(2024, 7, 9), 0),
    ]
