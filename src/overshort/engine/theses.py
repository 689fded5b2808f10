"""Theses of the library or of a file, over a panel: at every session whether they held, and as of a day the verdict."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from overshort import sessions
from overshort.engine.figures import Figure, figures, select
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, panel_of
from overshort.errors import NothingToShow, UnknownSubject, UsageError
from overshort.metrics import metric
from overshort.metrics.prices import PROXIES
from overshort.schema import PANEL
from overshort.store import asof
from overshort.store.lake import Lake
from overshort.thesis import evaluate
from overshort.thesis.claim import Claim, Thesis, parse

__all__ = ["boolean_panel", "claim_panels", "find", "library", "listed", "packaged", "read", "readings"]


def library() -> dict[str, Thesis]:
    """Give the packaged theses by name, sorted."""
    folder = files("overshort.thesis").joinpath("library")
    found = sorted((p.name.removesuffix(".toml"), p) for p in folder.iterdir() if p.name.endswith(".toml"))
    return {name: parse(path.read_text("utf-8"), name=name, file=path.name) for name, path in found}


def listed() -> dict[str, Any]:
    """Give what each packaged thesis says (schema ``overshort.theses/1``)."""
    rows = [{"name": name, "title": t.title, "text": t.text} for name, t in library().items()]
    return {"schema": "overshort.theses/1", "theses": rows}


def read(path: Path) -> Thesis:
    """Read a thesis from a file.

    Raises
    ------
    UsageError
        If the file is not there, no UTF-8 or no thesis.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(
            f"{path} cannot be read as a thesis ({why}); give a TOML file or a name of the library"
        ) from None
    return parse(text, name=path.stem, file=str(path))


def packaged(name: str) -> Thesis:
    """Give a thesis of the library; no file is read.

    Raises
    ------
    UsageError
        If none is called so.
    """
    known = library()
    if name not in known:
        raise UsageError(f"no thesis is called {name!r}; known are {', '.join(known)}")
    return known[name]


def find(name: str) -> Thesis:
    """Give the thesis of a name of the library, or of a file.

    Raises
    ------
    UsageError
        If it is neither.
    """
    known = library()
    if name in known:
        return known[name]
    if not name.endswith(".toml"):
        raise UsageError(f"no thesis is called {name!r}; known are {', '.join(known)}, or give a file ending in .toml")
    return read(Path(name))


def _grid(moment: Moment) -> pl.DataFrame:
    """Give every session that had closed by then: ``session, closes``."""
    closed = sessions.last_completed_session(moment.instant)
    return sessions.schedule().filter(pl.col("session") <= closed).select("session", "closes")


def _at_sessions(rows: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Give every session with the newest row known at its close, from the first such on."""
    left = grid.with_columns(pl.lit("").alias("one")).lazy()
    right = asof.leading(rows.with_columns(pl.lit("").alias("one")).lazy(), "one", "at")
    kept = right.select("one", "at", "value", "reason", "known_at")
    joined = asof.join_newest(left, kept, by="one", left_on="closes", right_on="known_at")
    return joined.select("session", "at", "value", "reason").collect()


def _rows(panel: pl.DataFrame, claim: Claim, subject: str, moment: Moment) -> pl.DataFrame:
    own = panel.filter(pl.col("id") == claim.metric, pl.col("subject") == claim.of(subject)).lazy()
    # A change has one vintage a date: the newest; a level is read as it was known at each close.
    seen = asof.known(own, moment.instant) if claim.window is None else asof.history(own, moment.instant)
    return evaluate.levels(seen.select(*PANEL).collect(), claim)


def claim_panels(panel: pl.DataFrame, thesis: Thesis, subject: str, moment: Moment) -> list[pl.DataFrame]:
    """Say of every claim at which sessions it held: ``session, holds, lacking``, in the order of the claims."""
    grid = _grid(moment)
    return [evaluate.flags(_at_sessions(_rows(panel, c, subject, moment), grid), c) for c in thesis.claims]


def boolean_panel(panel: pl.DataFrame, thesis: Thesis, subject: str, moment: Moment) -> pl.DataFrame:
    """Say at which sessions a thesis held, as known at each session's close.

    Parameters
    ----------
    panel
        Panel rows of :meth:`~overshort.thesis.claim.Thesis.subjects`, all vintages: :func:`overshort.engine.panel_of`
        gives them.
    subject
        The index or stock that it is asked of.

    Returns
    -------
    DataFrame
        ``subject, at`` (session), ``value`` (1, 0, null where not known), ``reason`` (why not), ``known_at`` (the
        session's close: an outcome begins at the next open), sorted; from the first session at which every claim is
        known, for before that it could fail but hardly hold.
    """
    whole = evaluate.combined(claim_panels(panel, thesis, subject, moment), thesis)
    begun = whole.filter(pl.col("complete").cum_max())
    closed = begun.join(_grid(moment), on="session", how="left", maintain_order="left")
    return closed.select(
        pl.lit(subject).alias("subject"),
        pl.col("session").alias("at"),
        pl.col("holds").cast(pl.Float64).alias("value"),
        pl.col("lacking").alias("reason"),
        pl.col("closes").alias("known_at"),
    )


def readings(lake: Lake, thesis: Thesis, subject: str, moment: Moment, *, history: bool = False) -> dict[str, Any]:
    """Say how a thesis stands as of a moment: verdict, figures and base rate of it and of every claim.

    Parameters
    ----------
    history
        List the runs of sessions at which it held too.

    Returns
    -------
    dict
        JSON form, schema ``overshort.thesis/1``.

    Raises
    ------
    UnknownSubject
        If the subject is neither an index nor a stock that the store knows.
    NothingToShow
        If no figure of the thesis is known by then.
    """
    panel = panel_of(lake, _known_subjects(thesis, subject))
    # What was published after the session's close belongs to the next one.
    found = figures(panel, _grid(moment)["closes"][-1], simulated=lake.simulated)
    parts = claim_panels(panel, thesis, subject, moment)
    if not any(p["holds"].is_not_null().any() for p in parts):
        raise NothingToShow(
            f"no figure of thesis {thesis.name} was known of {subject} by {moment.day}; import what "
            "`overshort status` names as missing, or give a later --as-of"
        )
    whole = evaluate.combined(parts, thesis)
    listed = {"history": evaluate.runs(whole)} if history else {}
    return {
        "schema": "overshort.thesis/1",
        "as_of": moment.day.isoformat(),
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "name": thesis.name,
        "title": thesis.title,
        "text": thesis.text,
        "subject": subject,
        "need": thesis.need,
        **_standing(whole, whole.filter("complete")),
        "horizon": thesis.horizon,
        "falsifier": thesis.falsifier,
        "counter": thesis.counter,
        "claims": [_reading(c, p, subject, found) for c, p in zip(thesis.claims, parts, strict=True)],
        **listed,
    }


def _known_subjects(thesis: Thesis, subject: str) -> list[str]:
    needs_index = any("index" in metric(c.metric).subjects and c.subject == "index" for c in thesis.claims)
    if subject in KINDS and needs_index and subject not in PROXIES:
        raise UnknownSubject(
            f"thesis {thesis.name} is about an index: {', '.join(PROXIES)}; {subject!r} is none of them"
        )
    return thesis.subjects(subject)


def _standing(found: pl.DataFrame, counted: pl.DataFrame) -> Mapping[str, Any]:
    """Give verdict, session and base rate."""
    day, holds, lacking = found.select("session", "holds", "lacking").row(-1)
    verdict = "not known" if holds is None else "holds" if holds else "does not hold"
    rate = evaluate.held(counted)
    return {"verdict": verdict, "session": day.isoformat(), "lacking": lacking, "base_rate": rate}


def _reading(claim: Claim, part: pl.DataFrame, subject: str, found: list[Figure]) -> dict[str, Any]:
    figure = select(found, claim.of(subject)).get(claim.metric)
    value = claim.stated.value
    return {
        "text": claim.text,
        "subject": claim.of(subject),
        "metric": claim.metric,
        "window": claim.window,
        "comparison": claim.stated.comparison,
        "value": list(value) if isinstance(value, tuple) else value,
        **_standing(part, part),
        "figure": figure.as_dict() if figure else None,
        "falsifier": claim.falsifier,
        "counter": claim.counter,
    }
