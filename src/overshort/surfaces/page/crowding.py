"""Crowding, one section a subject: changes under every aggregation, contributors, levels, announced totals."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.metrics.prices import PROXIES
from overshort.schema import EXCHANGES
from overshort.surfaces.claims.crowding import AGGREGATIONS
from overshort.surfaces.page.blocks import Block, Cell, Grid, Picture, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name
from overshort.surfaces.words import SUBJECTS, WINDOWS, percent, points, published, subject_name, written

__all__ = ["provenance", "sections"]

NAIVE = ("naive_change", "sum_change")
"""What the raw columns would have said: splits, or splits and membership, left in."""
ALSO = {
    "since": "last trough (no setback over 10 % since)",
    "shares": "shares short",
    "rank_5y_detrended": "rank 5y off trend",
    "sii": "short-interest index (s.d.)",
    "dtc_median": "median days to cover",
    "notional": "dollars short",
    "cap_weighted": "cap-weighted share of companies short",
    "equal_weighted": "equal-weighted",
    "median": "median member",
    "membership_effect": "members that came and went over 12 months",
    "price_effect": "prices over 12 months",
}


def sections(owns: Owns) -> Iterator[Section]:
    """Give a section for every subject that has a crowding figure."""
    for subject, own in owns.items():
        if has_value(own, "crowding."):
            blocks = list(_blocks(subject, own))
            yield Section(
                id=f"crowding-{subject}", title=f"{subject}: {subject_name(subject)}", blocks=blocks, detail=True
            )


def _blocks(subject: str, own: Own) -> Iterator[Block]:
    chain = own.get("crowding.change_12m") or next(iter(own.values()))
    yield Words(text=f"{provenance(chain)}.", tone="dim")
    if has_value(own, "crowding.chain"):
        against = f" against the price of {PROXIES[subject]}" if subject in PROXIES else ""
        caption = f"Short interest of {subject_name(subject)}, split-clean chain, with its 1- and 5-year range{against}"
        yield Picture(name="chain", subject=subject, caption=caption)
        caption = "Where the chain stood among the reports of 1 and of 5 years before, in percent"
        yield Picture(name="ranks", subject=subject, caption=caption)
    if has_value(own, tuple(f"crowding.{key}_" for key in AGGREGATIONS)):
        yield _changes(own)
    yield from _contributors(subject, own)
    yield from _also(own)
    yield from _announced(own)


def provenance(figure: Mapping[str, Any]) -> str:
    """Say of which report a figure is, since when it is known, and how many members it covers."""
    parts = [f"Settlement {figure['at']}", f"known {published(figure['known_at'])}"]
    if figure["subject"] not in SUBJECTS:
        return ", ".join(parts)
    if "n" in figure:
        parts.append(f"{figure['n']:,} {'issues' if figure['subject'] in EXCHANGES else 'members with a row'}")
    if "coverage" in figure:
        parts.append(f"coverage {percent(figure['coverage'], signed=False)}")
    if "members" in figure:
        parts.append(f"members: {figure['members']}")
    return ", ".join(parts)


def _changes(own: Own) -> Grid:
    bases = (own.get(f"crowding.change_{w}", {}).get("base_date") for w in WINDOWS)
    heads = [f"{words}, base {base or '–'}" for words, base in zip(WINDOWS.values(), bases, strict=True)]
    rows = []
    for key, words in AGGREGATIONS.items():
        naive = key in NAIVE
        label = "what the raw columns would have said" if key == "naive_change" else words
        rows.append([name(label), *(cell(own, f"crowding.{key}_{w}", naive=naive) for w in WINDOWS)])
    runner_up = [own.get(f"crowding.runner_up_change_{w}", {}) for w in WINDOWS]
    if any(f.get("n") and f["value"] is not None for f in runner_up):
        rows.append([name("chain with runner-up split ratios"), *(_inferred(f) for f in runner_up)])
    return Grid(title="Change of short interest", heads=["", *heads], rows=rows)


def _inferred(figure: Mapping[str, Any]) -> Cell:
    """Where a ratio had to be inferred, say how far the change moves with the second-best ones."""
    if not figure.get("n") or figure["value"] is None:
        return Cell(text="")
    return Cell(text=f"{written(figure)} ({figure['n']} inferred)", figure=figure)


def _contributors(subject: str, own: Own) -> Iterator[Block]:
    lines = {way: _largest(own, way) for way in ("up", "down")}
    if any(lines.values()):
        caption = "Largest contributions to the change over 12 months, in points"
        yield Picture(name="contributors", subject=subject, caption=caption)
    for way, line in lines.items():
        if line:
            yield Words(text=f"Largest {way} over 12 months, in points: {line}")


def _largest(own: Own, way: str) -> str:
    found = (own.get(f"crowding.contribution_12m.{way}{k}") for k in range(1, 6))
    return ", ".join(f"{f.get('note', '?')} {points(f['value'])}" for f in found if f and f["value"] is not None)


def _also(own: Own) -> Iterator[Block]:
    """Show the levels that have a value."""
    rows = [
        [name(words), cell(own, f"crowding.{id}")]
        for id, words in ALSO.items()
        if own.get(f"crowding.{id}", {}).get("value") is not None
    ]
    if rows:
        yield Grid(title="Levels", heads=["", "at the newest report"], rows=rows)


def _announced(own: Own) -> Iterator[Block]:
    shares, issues = own.get("crowding.announced_shares"), own.get("crowding.announced_issues")
    if shares and issues and shares["value"] is not None:
        yield Words(
            text=f"Announced by the exchange: {written(shares)} shares in {written(issues)} issues at {shares['at']} "
            f"(known {published(shares['known_at'])}); shown, never chained."
        )
