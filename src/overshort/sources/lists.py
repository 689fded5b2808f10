"""What lists of an index's members on one day share: their date, their index, and from when they are known."""

from datetime import date

import polars as pl

from overshort import schema, sessions
from overshort.errors import RefusedFile
from overshort.sources.declare import NIGHT, Options

__all__ = ["agreed_date", "agreed_index", "snapshot"]


def snapshot(frame: pl.DataFrame, index: str, dated: date) -> pl.DataFrame:
    """Add the columns of a complete list of members of one date, known at the end of that day."""
    return frame.with_columns(
        pl.lit(index).alias("index"),
        pl.lit(dated).alias("first"),
        pl.lit(dated).alias("dated"),
        pl.lit("snapshot").alias("basis"),
        pl.lit(sessions.at_new_york(dated, NIGHT)).alias("known_at"),
    )


def agreed_index(name: str, own: str | None, options: Options, fund: str) -> str:
    """Give the index of a list of holdings: the fund's own, or the one that the user gives for an unknown fund.

    Raises
    ------
    RefusedFile
        If there is none, it is no index of ours, or the two contradict each other.
    """
    given = options.index
    known = ", ".join(schema.INDEXES)
    if given is not None and given not in schema.INDEXES:
        raise RefusedFile(name, f"{given!r} is none of the indices {known}", fix="give one of them with --index")
    if own is not None and given not in (None, own):
        raise RefusedFile(name, f"{fund} follows {own} and --index says {given}", fix="leave --index out")
    if (index := own or given) is None:
        cause = f"the fund {fund!r} follows none of the indices {known}"
        raise RefusedFile(name, cause, fix="give the index that it stands for with --index, if there is one")
    return index


def agreed_date(name: str, own: date, options: Options, line: int | None) -> date:
    """Give the date inside a file.

    Raises
    ------
    RefusedFile
        If the user gives another.
    """
    if options.dated not in (None, own):
        cause = f"the file says {own} and --dated says {options.dated}"
        raise RefusedFile(name, cause, line=line, fix="leave --dated out: it is for files without a date inside")
    return own
