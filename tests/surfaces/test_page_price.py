"""The sections of price: there with values only, and their cells are the document's figures."""

import io
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from overshort.store.lake import Lake
from overshort.surfaces.page import Grid, Page, Picture, Section, contents, pressure, structure
from overshort.surfaces.page.chart import chart
from overshort.surfaces.page.figures import owns_of
from overshort.surfaces.terminal import render
from overshort.surfaces.words import written
from surfaces.made import built, figure

PROXIES = ["SPY", "QQQ", "IWM"]
PRICE = {"structure", "breadth", "carry", "fragile"}
Document = dict[str, Any]


@pytest.fixture(scope="module")
def whole(home: Path) -> Document:
    """The newest brief of the simulated store."""
    return built(Lake.open(home), "2025-01-10")


@pytest.fixture(scope="module")
def before(home: Path) -> Document:
    """A brief from before the first hourly bar."""
    return built(Lake.open(home), "2022-06-30")


def without(document: Mapping[str, Any], *prefixes: str) -> Document:
    """Give a document in which what begins so is null."""

    def null(f: Mapping[str, Any]) -> dict[str, Any]:
        return {**f, "value": None, "reason": "not measured"} if f["id"].startswith(prefixes) else dict(f)

    return {**document, "figures": [null(f) for f in document["figures"]]}


def sections(page: Page) -> dict[str, Section]:
    return {s.id: s for s in page.sections}


def grids(part: Section) -> list[Grid]:
    return [b for b in part.blocks if isinstance(b, Grid)]


def pictures(part: Section) -> list[str]:
    return [b.subject for b in part.blocks if isinstance(b, Picture)]


def printed(page: Page, *, full: bool) -> str:
    out = io.StringIO()
    render(page, Console(file=out, width=120, color_system=None, highlight=False), full=full)
    return out.getvalue()


def test_the_sections_stand_after_volatility(whole: Document) -> None:
    ids = [s.id for s in contents(whole).sections]
    own = [i for i in ids if i in PRICE]
    assert own == [i for i in ("structure", "breadth", "carry", "fragile") if i in own]
    assert {"structure", "breadth", "fragile"} <= set(own)
    assert ids.index("volatility") < ids.index("structure") < ids.index("missing")


def test_cells_are_the_documents_figures(whole: Document) -> None:
    figures = {f["key"]: f for f in whole["figures"]}
    cells = [c for i, s in sections(contents(whole)).items() if i in PRICE for g in grids(s) for r in g.rows for c in r]
    shown = [c for c in cells if c.figure is not None]
    assert len(shown) > 60
    for cell in shown:
        assert cell.figure is not None
        assert cell.figure == figures[cell.figure["key"]]
        assert cell.text.startswith(written(cell.figure))


def test_each_row_is_of_its_subject_and_each_column_of_its_id(whole: Document) -> None:
    parts = sections(contents(whole))
    tables = {"structure": structure.NOW, "breadth": pressure.BREADTH, "fragile": pressure.FRAGILE}
    for id, columns in tables.items():
        grid = grids(parts[id])[0]
        assert list(grid.heads[1 : 1 + len(columns)]) == list(columns.values())
        for row in grid.rows:
            shown = [c.figure["id"] for c in row if c.figure is not None]
            assert shown == [i for i in columns if i in shown]
            assert {c.figure["subject"] for c in row if c.figure} == {row[0].text.partition(",")[0]}


def test_structure_lists_every_proxy_with_its_picture_and_the_session_of_its_bar(whole: Document) -> None:
    part = sections(contents(whole))["structure"]
    assert [r[0].text for r in grids(part)[0].rows] == [f"{p}, 2025-01-10" for p in PROXIES]
    assert pictures(part) == PROXIES
    assert not grids(part)[0].detail
    assert [g.title for g in grids(part)[1:]] == [f"{p} {t}" for p in PROXIES for t in ("in its bands", "levels, USD")]
    assert all(g.detail for g in grids(part)[1:])


def test_levels_say_of_which_week_and_session_they_are(whole: Document) -> None:
    own = owns_of(whole["figures"])["SPY"]
    levels = next(g for g in grids(sections(contents(whole))["structure"]) if g.title == "SPY levels, USD")
    ends = {r[0].text: r[1].text.partition(" ")[2] for r in levels.rows}
    week = f"(week from {own['structure.vah']['base_date']})"
    trigger = f"({own['compression.trigger_range']['at']})"
    chain = f"(chain of {own['compression.trigger_gamma']['base_date']})"
    assert list(ends.values()) == [week, week, week, trigger, chain]


def test_tables_in_detail_are_printed_in_full_only(whole: Document) -> None:
    page = contents(whole)
    short, full = printed(page, full=False), printed(page, full=True)
    for title in ("SPY in its bands", "IWM levels, USD"):
        assert title not in short
        assert title in full
    assert "Structure: does price accept" in short


def test_rows_fit_a_terminal(whole: Document) -> None:
    """A wrapped cell would put a line between two proxies."""
    lines = printed(contents(whole), full=False).splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("SPY, "))
    assert [line[:3] for line in lines[at : at + 3]] == PROXIES


@pytest.mark.parametrize(
    ("prefixes", "gone"),
    [
        (("structure.",), "structure"),
        (("breadth.",), "breadth"),
        (("carry.",), "carry"),
        (("fragile.",), "fragile"),
    ],
)
def test_what_has_only_nulls_has_no_section(whole: Document, prefixes: tuple[str, ...], gone: str) -> None:
    had, has = set(sections(contents(whole))), set(sections(contents(without(whole, *prefixes))))
    assert has == had - {gone}


def test_a_proxy_without_values_has_no_row(whole: Document) -> None:
    left = {**whole, "figures": [f for f in whole["figures"] if f["subject"] != "QQQ"]}
    part = sections(contents(left))["structure"]
    assert [r[0].text.partition(",")[0] for r in grids(part)[0].rows] == pictures(part) == ["SPY", "IWM"]


def test_without_levels_there_is_no_table_of_them(whole: Document) -> None:
    triggers = [f"compression.trigger_{kind}" for kind in ("range", "user", "gamma")]
    page = contents(without(whole, "structure.vah", "structure.poc", "structure.val", *triggers))
    assert not any("levels" in g.title for g in grids(sections(page)["structure"]))


def test_before_the_first_four_hour_bar_the_daily_ones_stand_alone(before: Document) -> None:
    part = sections(contents(before))["structure"]
    assert pictures(part) == []
    now, *rest = grids(part)
    assert [r[0].text for r in now.rows] == [f"{p}, 2022-06-30, daily" for p in PROXIES]
    shown = {c.figure["id"] for row in now.rows for c in row if c.figure}
    assert shown == {*structure.DAILY.values(), "compression.trigger_range"}
    assert {tuple(g.heads) for g in rest} == {("", "daily"), ("", "level")}
    assert all(c.text != "–" for g in rest for row in g.rows for c in row)


def made(id: str, value: float | None, *, n: int, subject: str = "SPX", coverage: float = 0.958) -> dict[str, Any]:
    found = figure(id, value, subject=subject, at="2025-06-27", base=None, n=n)
    return replace(found, coverage=coverage).as_dict()


def test_carry_says_how_many_members_it_rests_on_and_nothing_of_a_fund() -> None:
    figures = [made("carry.mtm", -0.17, n=1482), made("carry.mtm", -0.2, n=1, subject="SPY", coverage=1.0)]
    part = pressure.carry(owns_of(figures))
    assert part is not None
    rows = [[c.text for c in row] for row in grids(part)[0].rows]
    assert [(r[0], r[1], r[-1]) for r in rows] == [
        ("SPX, 2025-06-27", "−17.0 %", "1,482 (95.8 %)"),
        ("SPY, 2025-06-27", "−20.0 %", ""),
    ]


def test_carry_without_a_mark_is_no_section_whatever_else_is_known() -> None:
    assert pressure.carry(owns_of([made("carry.mtm", None, n=1), made("carry.cost_annual", 0.01, n=1)])) is None


def test_conditions_are_counted_out_of_those_known() -> None:
    part = pressure.fragile(owns_of([made("fragile.count", 2, n=3), made("fragile.refusal", None, n=0)]))
    assert part is not None
    assert [c.text for c in grids(part)[0].rows[0]] == ["SPX", "2 of 3", "–", "–", "–", "–"]


def test_nothing_known_is_no_section() -> None:
    assert structure.section({}) is pressure.breadth({}) is pressure.carry({}) is pressure.fragile({}) is None


def test_a_chart_is_its_proxys_alone(whole: Document) -> None:
    page = chart(whole, "QQQ")
    assert page is not None
    (part,) = page.sections
    assert page.banner
    assert pictures(part) == ["QQQ"]
    figures = [c.figure for g in grids(part) for row in g.rows for c in row if c.figure]
    assert {f["subject"] for f in figures} == {"QQQ"}
    assert all(f in whole["figures"] for f in figures)


def test_a_chart_says_what_is_claimed_of_it(whole: Document) -> None:
    said = [{"id": f"carry.mtm/{s}", "text": f"Of {s}."} for s in ("QQQ", "SPY")]
    page = chart({**whole, "claims": said}, "QQQ")
    assert page is not None
    text = printed(page, full=True)
    assert "Of QQQ." in text
    assert "Of SPY." not in text


def test_without_values_there_is_no_chart(whole: Document) -> None:
    assert chart(without(whole, "structure."), "QQQ") is None
    assert chart({**whole, "figures": []}, "QQQ") is None


def test_a_trigger_of_another_session_than_the_bar_is_dated(whole: Document) -> None:
    moved = deepcopy(whole)
    figures = [f for f in moved["figures"] if f["id"] == "compression.trigger_range"]
    assert figures
    for f in figures:
        f["at"] = "2024-12-02"
    for document, dated in ((whole, False), (moved, True)):
        grid = structure.now(owns_of([f for f in document["figures"] if f["subject"] in PROXIES]))
        column = list(grid.heads).index("range trigger")
        assert all(row[column].text.endswith(" (2024-12-02)") == dated for row in grid.rows)
