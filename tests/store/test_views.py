"""Views: stretches of time without a revision, against a slow twin."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.store import asof
from store.rows import DAYS, INSTANTS, Row, frame, rows_of, totals, vintages

KEYS = {"totals": ("subject", "settlement", "market"), "splits": ("symbol", "settlement")}
MOMENTS = [k + d for k in INSTANTS for d in (timedelta(0), timedelta(microseconds=-1), timedelta(hours=3))]
Tables = dict[str, list[Row]]


def splits() -> st.SearchStrategy[list[Row]]:
    """Draw rows of a second table, so that its revisions fall between those of the first."""
    row = st.fixed_dictionaries(
        {
            "symbol": st.sampled_from(["ZZA", "YYQ"]),
            "settlement": st.sampled_from(DAYS),
            "ratio": st.sampled_from([2.0, 3.0, 1.5]),
            "basis": st.just("table"),
            "symbol_raw": st.just("ZZ.A"),
            "known_at": st.sampled_from(INSTANTS),
        }
    )
    return st.lists(row, max_size=8, unique_by=lambda r: (r["symbol"], r["settlement"], r["known_at"]))


tables = st.fixed_dictionaries({"totals": vintages(), "splits": splits()})


def lazily(rows: Tables) -> dict[str, pl.LazyFrame]:
    return {n: frame(n, r).lazy() for n, r in rows.items()}


def keyed(name: str, rows: Iterable[Row]) -> dict[tuple[object, ...], list[Row]]:
    out: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        out.setdefault(tuple(row[c] for c in KEYS[name]), []).append(row)
    return out


def instants(name: str, rows: list[Row]) -> set[datetime]:
    """When a key that was known already got another vintage."""
    known = ([r["known_at"] for r in group] for group in keyed(name, rows).values())
    return {at for group in known for at in group if at > min(group)}


def newest(name: str, rows: Iterable[Row]) -> list[Row]:
    return [max(group, key=lambda r: r["known_at"]) for group in keyed(name, rows).values()]


@given(rows=tables)
def test_bounds_are_the_revisions_of_all_tables(rows: Tables) -> None:
    found = asof.views(lazily(rows))
    cuts = sorted(set().union(*(instants(n, r) for n, r in rows.items())))
    assert [v.since for v in found] == [None, *cuts]
    assert [v.until for v in found] == [*cuts, None]


@given(rows=tables)
def test_a_view_holds_the_newest_vintage_before_its_end(rows: Tables) -> None:
    for view in asof.views(lazily(rows)):
        for name, own in rows.items():
            seen = [r for r in own if view.until is None or r["known_at"] < view.until]
            assert rows_of(view.tables[name]) == rows_of(frame(name, newest(name, seen)))


@given(rows=tables, moment=st.sampled_from(MOMENTS))
def test_a_view_shows_what_was_known_at_any_instant_of_it(rows: Tables, moment: datetime) -> None:
    """Point in time: rows of the view that runs at T, known by T, are the newest vintages known at T."""
    found = asof.views(lazily(rows))
    running = [v for v in found if (v.since is None or v.since <= moment) and (v.until is None or moment < v.until)]
    assert len(running) == 1
    for name, own in rows.items():
        then = [r for r in own if r["known_at"] <= moment]
        seen = running[0].tables[name].filter(pl.col("known_at") <= moment)
        assert rows_of(seen) == rows_of(frame(name, newest(name, then)))


@given(rows=tables, panel=vintages("xyz", size=30))
def test_each_row_of_a_panel_belongs_to_one_view(rows: Tables, panel: list[Row]) -> None:
    whole = totals(panel)
    parts = [v.own(whole) for v in asof.views(lazily(rows))]
    assert rows_of(pl.concat(parts)) == rows_of(whole)
    known = [p["known_at"].to_list() for p in parts if p.height]
    assert all(max(one) < min(other) for one, other in pairwise(known))


def test_no_revision_makes_one_view() -> None:
    rows = totals([{"subject": s, "settlement": DAYS[0], "market": "all", "known_at": INSTANTS[0]} for s in "ab"])
    found = asof.views({"totals": rows.lazy()})
    assert [(v.since, v.until) for v in found] == [(None, None)]
    assert rows_of(found[0].tables["totals"]) == rows_of(rows)


FLOW = {"kind": "fails", "quantity": 1.0, "symbol_raw": "ZZ.A"}
FLOWS = st.lists(
    st.fixed_dictionaries(
        {
            "symbol": st.sampled_from(["ZZA", "YYQ"]),
            "session": st.sampled_from(DAYS),
            "known_at": st.sampled_from(INSTANTS),
        }
    ),
    max_size=12,
    unique_by=lambda r: (r["symbol"], r["session"], r["known_at"]),
)


@given(rows=FLOWS)
def test_a_table_searched_session_by_session_has_the_same_bounds(rows: list[Row]) -> None:
    lazy = {"flows": frame("flows", [FLOW | r for r in rows]).lazy()}
    bounds = [(v.since, v.until) for v in asof.views(lazy)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asof, "AT_ONCE", 0)
        assert [(v.since, v.until) for v in asof.views(lazy)] == bounds


def test_quotes_of_a_view_keep_their_vintages_and_bound_it() -> None:
    quote = {"vendor": "ZZ", "session": DAYS[0], "ts_ns": 1, "contract": "ZZ", "sequence": 1, "underlying": "ZZ"}
    rows = [quote | {"bid": bid, "known_at": at} for bid, at in ((1.0, INSTANTS[0]), (1.1, INSTANTS[2]))]
    found = asof.views({"option_quotes": frame("option_quotes", rows).lazy()})
    assert [(v.since, v.until) for v in found] == [(None, INSTANTS[2]), (INSTANTS[2], None)]
    assert [sorted(v.tables["option_quotes"].collect()["bid"]) for v in found] == [[1.0], [1.0, 1.1]]
