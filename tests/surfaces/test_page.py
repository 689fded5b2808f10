"""The page says what the document says, once, and names what it lacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overshort.engine.moment import moment
from overshort.engine.reference import announced_totals
from overshort.store.lake import Lake
from overshort.surfaces.page import Cell, Grid, Page, Section, Words, contents
from overshort.surfaces.page.crowding import NAIVE
from overshort.surfaces.page.missing import IMPORTS, OF_A_STOCK, OWN_LEVELS, not_measured
from overshort.surfaces.page.real import announced
from overshort.surfaces.words import SIMULATED, written
from surfaces.made import DAY, built, small

Built = tuple[dict[str, Any], Page]
EVIDENCE = ("Beside it: ", "False if: ")


@pytest.fixture(scope="module")
def whole(home: Path) -> Built:
    """The newest brief of the simulated store, and its page."""
    document = built(Lake.open(home), "2025-01-10")
    return document, contents(document)


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Briefs of stores that lack a table."""
    found = {}
    for name in ("bars", "levels", "short_interest", "totals", "membership"):
        document = built(small(tmp_path_factory.mktemp(name) / "store", without=[name]))
        found[name] = (document, contents(document))
    return found


def paragraphs(page: Page | Section) -> list[Words]:
    sections = page.sections if isinstance(page, Page) else [page]
    return [b for s in sections for b in s.blocks if isinstance(b, Words)]


def grids(page: Page) -> Iterator[tuple[Section, Grid]]:
    return ((s, b) for s in page.sections for b in s.blocks if isinstance(b, Grid))


def cells(page: Page) -> Iterator[Cell]:
    return (c for _, grid in grids(page) for row in grid.rows for c in row)


def section(page: Page, id: str) -> Section:
    return next(s for s in page.sections if s.id == id)


def ids(page: Page) -> list[str]:
    return [s.id for s in page.sections]


def test_every_claim_is_said_and_the_lead_first(whole: Built) -> None:
    document, page = whole
    claimed = [c["text"] for c in document["claims"]]
    assert claimed
    assert sorted(w.text for w in paragraphs(page) if w.text in claimed) == sorted(claimed)
    said = paragraphs(section(page, "sentences"))
    tones = [w.tone for w in said]
    assert "lead" in tones
    assert "lead" not in tones[tones.count("lead") :]
    assert {w.text for w in said if w.tone == "lead"} == {
        c["text"] for c in document["claims"] if c["verdict"] == "depends on weighting"
    }


def test_evidence_is_printed_once(whole: Built) -> None:
    document, page = whole
    small_print = [w.text for w in paragraphs(page) if w.tone == "dim" and w.text.startswith(EVIDENCE)]
    assert len(small_print) == len(set(small_print))
    for claim in (c for c in document["claims"] if c["verdict"] != "depends on weighting"):
        for words in (claim["counter"], claim["falsifier"]):
            assert words is None or sum(words in text for text in small_print) == 1


def test_no_evidence_of_one_index_is_taken_for_that_of_another(whole: Built) -> None:
    counters = [c["counter"] for c in whole[0]["claims"] if c["id"].startswith(("persistence.", "refusal."))]
    given = [c for c in counters if c is not None]
    assert len(given) == len(set(given))


def test_cells_show_figures_of_the_document_as_they_are_written(whole: Built) -> None:
    document, page = whole
    figures = {f["key"]: f for f in document["figures"]}
    shown = [c for c in cells(page) if c.figure is not None]
    assert len(shown) > 150
    for cell in shown:
        assert cell.figure == figures[cell.figure["key"]]
        assert cell.text.startswith(written(cell.figure))


def test_what_the_raw_columns_say_is_marked(whole: Built) -> None:
    marked = [c for c in cells(whole[1]) if c.naive]
    naive = [c for c in cells(whole[1]) if c.figure and any(f"crowding.{n}_" in c.figure["id"] for n in NAIVE)]
    assert marked
    assert marked == naive


def test_rows_are_as_long_as_their_heads(whole: Built) -> None:
    for _, grid in grids(whole[1]):
        assert {len(row) for row in grid.rows} == {len(grid.heads)}


def test_tables_of_studies_agree_with_the_studies(whole: Built) -> None:
    document, page = whole
    after = [s for s in document["studies"] if s["id"] == "refusal.after"]
    tables = [g for s, g in grids(page) if s.id == "refusal" and g.heads[0] == "state"]
    assert len(after) == len(tables) > 0
    for study, table in zip(after, tables, strict=True):
        held = {s["state"]: s for s in study["states"] if s["reports"]}
        rows = {row[0].text: [c.text for c in row] for row in table.rows}
        assert set(rows) == {*held, "all"}
        for state, own in held.items():
            assert rows[state][1] == str(own["reports"])
            assert rows[state][2] == f"{100 * own['base_rate']:.1f}"
            assert rows[state][3] == str(own["runs"])
            assert rows[state][8] == f"{own['after']['3m']['n']} ({own['after']['3m']['runs']})"
        assert sum(int(r[1]) for s, r in rows.items() if s != "all") == int(rows["all"][1]) == study["reports"]


def test_tables_of_streaks_agree_with_the_studies(home: Path) -> None:
    document = built(Lake.open(home), "2023-07-20")
    found = [s for s in document["studies"] if s["id"] == "persistence.streaks"]
    tables = [g for s, g in grids(contents(document)) if s.id == "persistence" and g.title.startswith("Streaks")]
    assert len(found) == len(tables) > 0
    for study, table in zip(found, tables, strict=True):
        assert len(table.rows) == study["count"] + 6
        assert [c.text for c in table.rows[-1]][3:] == [str(a["n"]) for a in study["unconditional"].values()]
        assert [c.text for c in table.rows[-4]][3:] == [str(a["n"]) for a in study["after"].values()]


@pytest.mark.parametrize(
    ("table", "sections"),
    [
        ("bars", set()),
        ("levels", {"volatility"}),
        ("short_interest", {"overview", "refusal", *(f"crowding-{s}" for s in ("SPX", "NDX", "RUT", "LISTED"))}),
        ("membership", {"refusal", *(f"crowding-{s}" for s in ("SPX", "NDX", "RUT"))}),
        ("totals", set()),
    ],
)
def test_what_has_only_nulls_is_one_line_that_names_the_import(
    lacking: dict[str, Built], table: str, sections: set[str]
) -> None:
    document, page = lacking[table]
    assert not sections & set(ids(page))
    lines = [w.text for w in paragraphs(section(page, "missing")) if f"Import {IMPORTS[table]}" in w.text]
    rows = [m for m in document["missing"] if m["needs"] == table and "given by the user" not in m["reason"]]
    needed = {(m["subject"], m["id"]) for m in rows}
    assert needed
    assert lines
    counted = sum(1 + line.partition(":")[0].count(", ") for line in lines)
    more = sum(int(line.partition(" more: ")[0].rpartition(" ")[2]) for line in lines if " more: " in line)
    assert counted + more == len(needed)


def test_a_reason_stands_in_one_line(lacking: dict[str, Built]) -> None:
    for document, page in lacking.values():
        reasons = {(m["reason"], m["needs"]) for m in document["missing"] if m["needs"]}
        assert len(paragraphs(section(page, "missing"))) == len(reasons)


def test_every_table_that_is_needed_is_named_in_words(lacking: dict[str, Built]) -> None:
    assert {m["needs"] for document, _ in lacking.values() for m in document["missing"]} - {None} <= set(IMPORTS)


def test_pages_of_poor_stores_have_no_empty_table(lacking: dict[str, Built]) -> None:
    for _, page in lacking.values():
        for part, grid in grids(page):
            assert any(c.text not in ("", "–") for row in grid.rows for c in row[1:]), (part.id, grid.title)
        assert all("None" not in w.text and "nan" not in w.text.lower().split() for w in paragraphs(page))


def test_prices_that_are_not_there_are_missing_by_id_and_subject(lacking: dict[str, Built]) -> None:
    needs = {(m["subject"], m["id"]): m["needs"] for m in lacking["levels"][0]["missing"]}
    assert needs["VIX", "volatility.close"] == "levels"
    assert ("SPX", "persistence.month_streak") not in needs
    without_bars = {(m["subject"], m["id"]): m for m in lacking["bars"][0]["missing"]}
    assert without_bars["SPY", "price.close"]["needs"] == "bars"
    assert without_bars["NDX", "persistence.month_streak"]["needs"] == "bars"
    assert without_bars["NDX", "refusal.price_change_12m"]["needs"] == "bars"
    assert "tables bars and levels" in without_bars["NDX", "persistence.month_streak"]["reason"]
    assert ("SPX", "persistence.month_streak") not in without_bars


def test_reports_that_are_not_there_are_missing_too(lacking: dict[str, Built]) -> None:
    without = {(m["subject"], m["id"]): m["needs"] for m in lacking["short_interest"][0]["missing"]}
    assert without["SPX", "crowding.chain"] == without["NDX", "refusal.state_12m"] == "short_interest"
    assert ("NASDAQ", "crowding.announced_shares") not in without
    totals = {(m["subject"], m["id"]): m["needs"] for m in lacking["totals"][0]["missing"]}
    assert totals["NASDAQ", "crowding.announced_shares"] == "totals"
    assert ("NASDAQ", "crowding.chain") not in totals


def test_a_null_that_no_import_would_fill_is_not_missing_on_the_page(whole: Built) -> None:
    document, page = whole
    idle = [m for m in document["missing"] if m["needs"] is None]
    assert idle
    text = " ".join(w.text for s in page.sections if s.id == "missing" for w in paragraphs(s))
    assert not any(m["reason"] in text for m in idle)


@pytest.mark.parametrize("table", ["bars", "levels"])
def test_a_table_of_prices_that_ends_early_is_stale(home: Path, table: str) -> None:
    document = built(Lake.open(home), "2025-01-24")
    rows = {s["table"]: s for s in document["stale"]}
    assert rows[table] == {"table": table, "newest": "2025-01-10", "due": "2025-01-23"}
    words = [w.text for w in contents(document).head if w.tone == "lead"]
    assert f"Stale: table {table} ends at 2025-01-10; 2025-01-23 was over by then." in words


def test_an_empty_report_table_is_stale_and_empty_prices_are_missing(lacking: dict[str, Built]) -> None:
    document, page = lacking["short_interest"]
    assert [s["table"] for s in document["stale"]] == ["short_interest"]
    assert "Stale: table short_interest is empty" in page.head[-1].text
    assert lacking["bars"][0]["stale"] == []


def test_the_real_table_stands_in_simulated_briefs_only(whole: Built) -> None:
    document, page = whole
    assert page.banner == SIMULATED
    assert document["announced"] == announced_totals(moment("2025-01-10").instant)
    shown = section(page, "real")
    assert paragraphs(shown)[0].text.startswith("Real, not simulated: ")
    real = {k: v for k, v in document.items() if k != "announced"} | {"simulated": False}
    plain = contents(real)
    assert plain.banner == ""
    assert "real" not in ids(plain)
    assert ids(plain) == [i for i in ids(page) if i != "real"]


def test_a_real_total_is_compared_with_the_same_half_of_the_month() -> None:
    def row(day: str, shares: int) -> dict[str, Any]:
        return {"settlement": day, "published": None, "issues": 10, "shares": shares}

    rows = [row("2024-06-14", 100), row("2024-06-28", 400), row("2025-06-13", 110)]
    found = announced(rows)
    assert found is not None
    assert "+10.0 % from 2024-06-14" in paragraphs(found)[0].text
    assert "from" not in paragraphs(announced([rows[1], rows[2]]) or found)[0].text
    assert announced([]) is None


def test_the_small_market_has_all_sections_but_what_is_too_young(tmp_path: Path) -> None:
    page = contents(built(small(tmp_path / "store"), DAY))
    assert ids(page)[:3] == ["real", "sentences", "overview"]
    assert {"refusal", "persistence", "volatility", "missing"} <= set(ids(page))
    young = [w.text for w in paragraphs(section(page, "missing")) if "too little history" in w.text]
    assert all(text.endswith(", earlier ones too.") for text in young)


def test_what_to_import_is_for_the_figure_that_is_lacking() -> None:
    given = "no level given by the user for it is in table levels"
    rows = [
        {"subject": subject, "id": id, "reason": reason, "needs": needs}
        for subject, id, reason, needs in (
            ("IWM", "compression.trigger_user", given, "levels"),
            ("VIX", "volatility.close", "no row in table levels", "levels"),
            ("GME", "crowding.notional", "no close in table bars", "bars"),
            ("SPX", "crowding.notional", "no close in table bars", "bars"),
        )
    ]
    found = not_measured(rows)
    assert found is not None
    fixes = {w.text.partition(":")[0]: w.text.partition(" Import ")[2] for w in paragraphs(found)}
    assert fixes == {
        "IWM compression.trigger_user": f"{OWN_LEVELS}.",
        "VIX volatility.close": f"{IMPORTS['levels']}.",
        "GME crowding.notional": f"{OF_A_STOCK}.",
        "SPX crowding.notional": f"{IMPORTS['bars']}.",
    }
