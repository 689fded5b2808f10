"""``overshort tape``."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import polars as pl
from cyclopts import Parameter

from overshort import sessions
from overshort.engine.figures import Figure
from overshort.engine.tape import Tape, tape
from overshort.errors import UsageError
from overshort.metrics.tape import LEGS, RIGHTS, SIDES
from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Json,
    Offline,
    emit,
    open_lake,
    page,
    require_ending,
    when,
    whole,
    working,
)
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Plot, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.page.tape import BAND, BOUGHT, bought_ids, plot
from overshort.surfaces.terminal import render
from overshort.surfaces.words import ADVICE, QUOTE_SIDES, SIMULATED, capital, counted, written

__all__ = ["run"]

OWNER = "Option trades are their vendor's; its terms apply to whatever is shown of them."


def run(
    subject: str = "VIX",
    *,
    top: Annotated[int, Parameter(converter=whole, help="How many of the largest trades to show.")] = 10,
    executor: Annotated[
        str | None,
        Parameter(help="Add the sessions up one by one on threads, processes or a cluster: dask://HOST:PORT."),
    ] = None,
    output: Offline = None,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Where a session's option premium was traded: call or put, side of the quote, kind of trade; all trades counted.

    Parameters
    ----------
    subject
        The underlying: VIX, SPX or a stock.
    """
    if top < 0:
        raise UsageError(f"--top {top} is no number of trades; give 0 or more")
    require_ending(output)
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("adding up the tape"):
        found = tape(lake, subject.upper().removeprefix("^"), moment, executor)
    built = _document(found, moment.day.isoformat(), top, simulated=lake.simulated)
    contents = _page(built, plot(found.subject, found.session, found.figures, found.minutes))
    if json:
        emit(built)
    else:
        render(contents, page(), full=True)
    if output is not None:
        from overshort.surfaces.html import render as as_html

        output.write_text(as_html(contents, None, built), "utf-8")
        if not json:
            print(f"Written: {output.resolve()}")
    return 0


def _document(found: Tape, as_of: str, top: int, *, simulated: bool) -> dict[str, Any]:
    cells = [_cell(found.figures, r, s, leg) for r in RIGHTS for s in SIDES for leg in LEGS]
    trades = found.trades
    return {
        "schema": "overshort.tape/1",
        "as_of": as_of,
        "simulated": simulated,
        "subject": found.subject,
        "session": found.session.isoformat(),
        "source": found.figures["tape.trades"].price_source,
        "on_file": _sums(trades),
        "in_cells": {"trades": sum(c["trades"] for c in cells), "premium": round(sum(c["premium"] for c in cells), 4)},
        "not_counted": dict(found.others),
        "cells": cells,
        "figures": [f.as_dict() for i, f in found.figures.items() if not i.startswith("tape.premium.")],
        "conditions": _conditions(trades),
        "prints": [_print(row) for row in trades.head(top).iter_rows(named=True)],
        "attribution": OWNER,
        "disclaimer": ADVICE,
    }


def _cell(figures: Any, right: str, side: str, leg: str) -> dict[str, Any]:
    figure: Figure = figures[f"tape.premium.{right}.{side}.{leg}"]
    return {"right": right, "side": side, "leg": leg, "premium": figure.value, "trades": figure.n}


def _sums(trades: pl.DataFrame) -> dict[str, Any]:
    premium = round(float(trades["premium"].sum()), 4)
    return {"trades": trades.height, "contracts": int(trades["size"].sum()), "premium": premium}


def _conditions(trades: pl.DataFrame) -> list[dict[str, Any]]:
    by = ["condition", "opra", "leg"]
    grouped = trades.group_by(by).agg(pl.len().alias("trades"), pl.col("size").sum().alias("contracts"))
    return grouped.sort("trades", *by, descending=[True, False, False, False], nulls_last=True).to_dicts()


def _print(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("contract", "right", "size", "price", "bid", "ask", "side", "near", "leg", "condition", "opra", "premium")
    instant = datetime.fromtimestamp(row["ts_ns"] // 1_000_000_000, UTC).replace(
        microsecond=row["ts_ns"] // 1000 % 10**6
    )
    stamps = {"at": instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return stamps | {"expiry": row["expiry"].isoformat(), "strike": row["strike"]} | {k: row[k] for k in kept}


def _page(built: dict[str, Any], picture: Plot) -> Page:
    head = [Words(text=text) for text in _head(built)]
    return Page(
        title=f"Option tape of {built['subject']}, session {built['session']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=head,
        sections=[
            Section(id="cells", title="Premium by side and kind, USD", blocks=[_cells(built, r) for r in RIGHTS]),
            Section(id="bought", title="Bought, single-leg", blocks=[picture, *_bought(built)]),
            Section(id="prints", title="Largest trades", blocks=[_prints(built)]),
        ],
        foot=[OWNER, ADVICE],
    )


def _head(built: dict[str, Any]) -> list[str]:
    there, held = built["on_file"], built["in_cells"]
    source = capital(str(built["source"]))
    every = there["trades"] == held["trades"] and there["premium"] == held["premium"]
    stand = (
        "all of them in the cells below"
        if every
        else f"{held['trades']:,} and {held['premium']:,.2f} of it in the cells"
    )
    day, session = date.fromisoformat(built["as_of"]), date.fromisoformat(built["session"])
    texts = [
        *([f"The newest whole session on file by {day} is {session}."] if day != session else []),
        f"{source}.",
        f"{counted(there['trades'], 'trade')} of {counted(there['contracts'], 'contract')}, premium "
        f"{there['premium']:,.2f} USD: {stand}.",
    ]
    for vendor, rows in built["not_counted"].items():
        texts.append(f"Not counted: {counted(rows, 'trade')} of the same session on the tape of {vendor}.")
    return texts


def _cells(built: dict[str, Any], right: str) -> Grid:
    own = [c for c in built["cells"] if c["right"] == right]
    rows = [
        _row(leg, [c for c in own if c["leg"] == leg])
        for leg in LEGS
        if any(c["trades"] for c in own if c["leg"] == leg)
    ]
    return Grid(heads=[f"{right}s", *QUOTE_SIDES.values(), "all", "trades"], rows=[*rows, _row("all", own)])


def _row(label: str, cells: list[dict[str, Any]]) -> list[Cell]:
    sums = {s: sum(c["premium"] for c in cells if c["side"] == s) for s in SIDES}
    amounts = [f"{value:,.0f}" if value else "–" for value in (*sums.values(), sum(sums.values()))]
    return [name(label), *(Cell(text=text) for text in (*amounts, f"{sum(c['trades'] for c in cells):,}"))]


def _bought(built: dict[str, Any]) -> list[Block]:
    figures = {f["id"]: f for f in built["figures"]}
    rows = [[name(f"{right}s"), *(_figure(figures[i]) for i in bought_ids(right))] for right in RIGHTS]
    words = [Words(text=text, tone="dim") for text in (BAND, *_other_rules(figures), *_unmeasured(figures))]
    return [Grid(heads=["", *BOUGHT.values()], rows=rows), *words]


def _other_rules(figures: dict[str, Any]) -> list[str]:
    out = []
    for right in RIGHTS:
        own = [
            figures[f"tape.{i}"]
            for i in (f"bought_{right}s_lee_ready", f"bought_{right}s_emo", f"disagreement_{right}s")
        ]
        if all(f["value"] is not None for f in own):
            lee_ready, emo, apart = map(written, own)
            out.append(
                f"{capital(right)}s bought by two rules that sign trades between the quotes too: {lee_ready} (Lee and "
                f"Ready), {emo} (Ellis, Michaely and O'Hara); they sign {apart} of the premium in opposite ways."
            )
    return out


def _unmeasured(figures: dict[str, Any]) -> list[str]:
    """Say once for each reason what could not be measured."""
    grouped: dict[str, list[str]] = {}
    for id, figure in figures.items():
        if "reason" in figure:
            grouped.setdefault(figure["reason"], []).append(id)
    more = {why: f" and {len(ids) - 2} more" if ids[2:] else "" for why, ids in grouped.items()}
    return [f"{', '.join(ids[:2])}{more[why]}: {why}." for why, ids in grouped.items()]


def _figure(figure: dict[str, Any]) -> Cell:
    return Cell(text=written(figure), figure=figure)


def _prints(built: dict[str, Any]) -> Grid:
    heads = ["New York", "contract", "size", "price", "bid", "ask", "side", "kind", "condition", "premium"]
    return Grid(heads=heads, rows=[[Cell(text=text) for text in _printed(row)] for row in built["prints"]])


def _printed(row: dict[str, Any]) -> list[str]:
    clock = datetime.fromisoformat(row["at"].replace("Z", "+00:00")).astimezone(sessions.NEW_YORK).strftime("%H:%M:%S")
    quotes = ["–" if row[q] is None else f"{row[q]:.2f}" for q in ("bid", "ask")]
    near = {"a": ", nearer ask", "b": ", nearer bid"}.get(row["near"] or "", "")
    contract = f"{row['expiry']} {row['strike']:g} {row['right']}"
    side, told = f"{QUOTE_SIDES[row['side']]}{near}", row["opra"] or row["condition"] or "–"
    return [
        clock,
        contract,
        f"{row['size']:,}",
        f"{row['price']:.2f}",
        *quotes,
        side,
        row["leg"],
        told,
        f"{row['premium']:,.0f}",
    ]
