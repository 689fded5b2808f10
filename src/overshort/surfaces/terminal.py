"""The brief and figure tables as terminal pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from overshort.schema import EXCHANGES
from overshort.surfaces.sentences import AGGREGATIONS, WEIGHTING
from overshort.surfaces.words import (
    ADVICE,
    ATTRIBUTION,
    SIMULATED,
    WINDOWS,
    in_order,
    published,
    subject_name,
    written,
)

__all__ = ["figure_table", "render"]

STAMP = re.compile(r"^\d{4}-\d\d-\d\dT")
ALSO = {
    "since": "last trough (no setback over 10 % since)",
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
HEADS = {"shown": "value", "base_date": "base", "base_at": "base", "known_at": "known"}
Own = Mapping[str, Mapping[str, Any]]
OVERVIEW = {
    "crowding.change_last": "last report",
    "crowding.change_ytd": "year to date",
    "crowding.change_12m": "12 months",
    "crowding.rank_1y": "rank 1y",
    "crowding.rank_5y": "rank 5y",
    "crowding.dtc": "days to cover",
    "crowding.breadth": "rising",
    "crowding.shares": "shares short",
}


def _owns(built: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    owns: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for figure in built["figures"]:
        owns[figure["subject"]][figure["id"]] = figure
    return {s: owns[s] for s in in_order(owns)}


def render(built: Mapping[str, Any], console: Console) -> None:
    """Print a brief document as a page."""
    owns = _owns(built)
    _head(built, console)
    leads = [c["text"] for c in built["claims"] if c["verdict"] == WEIGHTING]
    for text in leads:
        console.print(text.replace(WEIGHTING, f"[bold]{WEIGHTING}[/]"))
    if leads:
        console.print()
    console.print(_overview(owns))
    for subject, own in owns.items():
        if any(f["value"] is not None for f in own.values()):
            _section(subject, own, console)
        else:
            _nothing(subject, own, console)
    _missing(built["missing"], console)
    _foot(console)


def _head(built: Mapping[str, Any], console: Console) -> None:
    if built["simulated"]:
        console.print(f" {SIMULATED} ", style="bold reverse")
    console.print(f"[bold]overshort[/] {built['version']}: crowding of the short side as of [bold]{built['as_of']}[/]")
    _newest(built, console)
    for stale in built["stale"]:
        there = f"ends at {stale['newest']}" if stale["newest"] else "is empty"
        console.print(
            f"[bold]Stale[/]: table {stale['table']} {there}; the report of {stale['due']} was published by then."
        )
    console.print()


def _newest(built: Mapping[str, Any], console: Console) -> None:
    """Name the newest report that has rows; an announced total alone is none."""
    measured = [f["settlement"] for f in built["figures"] if f["value"] is not None and "announced" not in f["id"]]
    for report in built["reports"]:
        if report["settlement"] == max(measured, default=None):
            basis = "announced date" if report["basis"] == "announced" else "by the publication rule"
            known = published(report["published_at"])
            console.print(f"Newest report: settlement {report['settlement']}, known since {known} ({basis}).")


def _overview(owns: Mapping[str, Own]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in OVERVIEW.values():
        table.add_column(name, justify="right")
    for subject, own in owns.items():
        table.add_row(subject, *(written(own[i]) if i in own else "–" for i in OVERVIEW))
    return table


def _nothing(subject: str, own: Own, console: Console) -> None:
    """One line for a subject of which nothing is known: the reason that most of its figures give."""
    reason, _ = Counter(f["reason"] for f in own.values()).most_common(1)[0]
    console.print(f"\n[bold]{subject}[/] {subject_name(subject)}: not measured, {reason}.")


def _section(subject: str, own: Own, console: Console) -> None:
    chain = own.get("crowding.change_12m") or next(iter(own.values()))
    console.print(f"\n[bold]{subject}[/] {subject_name(subject)}: {_provenance(chain)}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("change of short interest")
    for window, words in WINDOWS.items():
        base = own.get(f"crowding.change_{window}", {}).get("base_date", "–")
        table.add_column(f"{words}\n(base {base})", justify="right")
    for name, words in AGGREGATIONS.items():
        cells = (own.get(f"crowding.{name}_{w}") for w in WINDOWS)
        table.add_row(words, *(written(c) if c else "–" for c in cells))
    _runner_up(own, table)
    console.print(table)
    for way in ("up", "down"):
        if line := _contributors(own, way):
            console.print(f"Largest {way} over 12 months, in points: {line}")
    _also(own, console)
    _announced(own, console)


def _runner_up(own: Own, table: Table) -> None:
    """Where a ratio had to be inferred, say how far the change moves with the second-best ones."""
    found = [own.get(f"crowding.runner_up_change_{w}", {}) for w in WINDOWS]
    if any(f.get("n") and f["value"] is not None for f in found):
        cells = (f"{written(f)} ({f['n']} inferred)" if f.get("n") and f["value"] is not None else "" for f in found)
        table.add_row("chain with runner-up split ratios", *cells)


def _provenance(figure: Mapping[str, Any]) -> str:
    parts = [f"settlement {figure['at']}", f"known {published(figure['known_at'])}"]
    if "n" in figure:
        parts.append(f"{figure['n']:,} {'issues' if figure['subject'] in EXCHANGES else 'members with a row'}")
    if "coverage" in figure:
        parts.append(f"coverage {100 * figure['coverage']:.1f} %")
    if "members" in figure:
        parts.append(f"members: {figure['members']}")
    return ", ".join(parts)


def _contributors(own: Own, way: str) -> str:
    found = (own.get(f"crowding.contribution_12m.{way}{k}") for k in range(1, 6))
    return ", ".join(
        f"{f.get('note', '?')} {100 * f['value']:+.2f}".replace("-", "−") for f in found if f and f["value"] is not None
    )


def _also(own: Own, console: Console) -> None:
    """Say the levels that have a value in one sentence."""
    found = ((words, own.get(f"crowding.{id}")) for id, words in ALSO.items())
    parts = [f"{words} {written(f)}" for words, f in found if f and f["value"] is not None]
    if parts:
        console.print(f"Also: {', '.join(parts)}.")


def _announced(own: Own, console: Console) -> None:
    shares, issues = own.get("crowding.announced_shares"), own.get("crowding.announced_issues")
    if shares and issues and shares["value"] is not None:
        console.print(
            f"Announced by the exchange: {written(shares)} shares in {written(issues)} issues at {shares['at']} "
            f"(known {published(shares['known_at'])}); shown, never chained."
        )


def _missing(missing: Iterable[Mapping[str, Any]], console: Console) -> None:
    grouped: dict[str, set[str]] = defaultdict(set)
    for row in missing:
        grouped[row["reason"]].add(f"{row['subject']} {row['id'].removeprefix('crowding.')}")
    if not grouped:
        return
    console.print("\n[bold]Not measured[/]")
    for reason, ids in sorted(grouped.items()):
        some = sorted(ids)
        more = f" and {len(some) - 3} more" if len(some) > 3 else ""
        console.print(f"{', '.join(some[:3])}{more}: {reason}.")


def _foot(console: Console) -> None:
    console.print(f"\n{ATTRIBUTION} {ADVICE}", style="dim")
    console.print("Any number: `overshort explain ID --subject SUBJECT` shows its definition and rows.", style="dim")


def figure_table(frame: pl.DataFrame, console: Console) -> None:
    """Print figures or panel rows as a table."""
    value = "shown" if "shown" in frame.columns else "value"
    wanted = (
        "subject",
        "id",
        "at",
        value,
        "text",
        "base_date",
        "base_at",
        "n",
        "coverage",
        "known_at",
        "note",
        "reason",
    )
    columns = [c for c in wanted if c in frame.columns and frame[c].null_count() < frame.height]
    if value == "shown":
        columns = [c for c in columns if c != "text"]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        right = column in (value, "n", "coverage")
        table.add_column(HEADS.get(column, column), justify="right" if right else "left", overflow="fold")
    for row in frame.select(columns).iter_rows():
        table.add_row(*(_cell(v) for v in row))
    console.print(table)


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.6g}"
        case datetime():
            return str(value.date())
        case str() if STAMP.match(value):
            return published(value)[:10]
        case _:
            return str(value)
