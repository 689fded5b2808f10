"""Rows of answers as a notebook shows them and as a frame takes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from overshort.engine.figures import Figure
from overshort.surfaces.words import published, written

__all__ = ["HEADS", "SHOWN", "audited_rows", "listed", "plain_rows", "rest", "row", "shown_text", "studied_rows"]

SHOWN = 40
"""How many rows of a long answer are shown; its frame has all."""
HEADS = ("id", "subject", "value", "as of", "base", "n", "known", "remark")


def listed(ids: str | Sequence[str]) -> Sequence[str]:
    return (ids,) if isinstance(ids, str) else ids


def row(figure: Figure) -> list[str]:
    base, n = figure.base_date or "–", "–" if figure.n is None else f"{figure.n:,}"
    known = published(figure.known_at)[:10]
    remark = figure.reason or figure.note or ("stale" if figure.stale else "")
    return [figure.id, figure.subject, written(figure.as_dict()), figure.at[:16], base, n, known, remark]


def rest(count: int, kind: str = "") -> str:
    return f"{count - SHOWN:,} {kind}rows more are in the frame." if count > SHOWN else ""


def shown_text(value: Any) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)


def plain_rows(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Give rows without what nests: a frame of numbers, texts and flags."""
    flat = [{k: v for k, v in own.items() if not isinstance(v, Mapping | list)} for own in rows]
    return pl.DataFrame(flat, infer_schema_length=None)


def studied_rows(document: Mapping[str, Any]) -> pl.DataFrame:
    """Give one row a claim and horizon, with what followed on average; nothing where a study is of another kind."""
    return plain_rows(
        {"claim": own["claim"], "subject": own["subject"], "sessions": h["sessions"]}
        | {f"{kind}_{k}": h[kind][k] for kind in ("flagged", "all") for k in ("n", "mean", "up")}
        | h
        for own in document["studies"]
        for h in own.get("horizons", ())
    )


def audited_rows(document: Mapping[str, Any]) -> pl.DataFrame:
    """Give one row a statement; a value may be a number or a word and is shown as text."""
    texts = ("value", "stated")
    return plain_rows(
        own | {k: None if own[k] is None else str(own[k]) for k in texts} | {"measured_value": _measured(own)}
        for own in document["claims"]
    )


def _measured(claim: Mapping[str, Any]) -> str | None:
    figure = claim["measured"]
    return None if figure is None or figure["value"] is None else str(figure["value"])
