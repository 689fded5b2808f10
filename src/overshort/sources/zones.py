"""Whether stamps mean what they say: most of a share's volume trades in New York's regular hours.

Read in a wrong time zone, part of that volume falls outside.  How much lies outside anyway differs between bars of a
quarter of an hour and of an hour, with the extended hours and with the years, so no fixed share tells one from the
other: on the real files the right zone gives 82 to 97 % a month, and an hour off up to 85 %.  But in every month the
right reading beats the same stamps moved by an hour either way, by 3.7 points or more, and that is asked for.
Asked month by month, it also finds a file whose rows have slid against their stamps half-way.
"""

from datetime import timedelta

import polars as pl

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN

__all__ = ["check_hours"]

LEAST = 0.5
"""Of the volume at least this must fall into regular hours."""
DAYS = 10
"""Fewer sessions may by chance look better an hour off: on real days 1 in 20 does, of weeks 1 in 50, of months none."""
SLID = "if its rows have slid against their stamps, cut it before the first of those months"
_MONTH = pl.col("session").dt.strftime("%Y-%m")
NEAR, FAR = (-1, 1), tuple(h for h in range(-12, 13) if h)


def _inside(rows: pl.DataFrame, length: timedelta, hours: int) -> pl.Series:
    """Tell which bars overlap regular hours when their stamps are moved."""
    start = pl.col("start") + timedelta(hours=hours)
    day = start.dt.convert_time_zone("America/New_York").dt.date()
    moved = rows.select(start.alias("start"), day.alias("session"))
    joined = moved.join(sessions.schedule(), on="session", how="left", maintain_order="left")
    overlaps = (pl.col("start") < pl.col("closes")) & (pl.col("start") + length > pl.col("opens"))
    return joined.select(overlaps.fill_null(False)).to_series()


def _shares(rows: pl.DataFrame, length: timedelta, moves: tuple[int, ...]) -> pl.DataFrame:
    """Give the share of volume inside regular hours as stamped (``0``) and moved, by month and of all (month null)."""
    tried = rows.with_columns(_inside(rows, length, h).alias(str(h)) for h in (0, *moves))
    volume = pl.col("volume_")
    shares = [(volume.filter(pl.col(str(h))).sum() / volume.sum()).alias(str(h)) for h in (0, *moves)]
    counts = [pl.col("session").n_unique().alias("days"), *shares]
    months = tried.group_by(_MONTH.alias("month")).agg(counts).sort("month")
    return pl.concat([tried.select(pl.lit(None, pl.String).alias("month"), *counts), months])


def _wrong() -> pl.Expr:
    beaten = pl.col("0") + 1e-9 < pl.max_horizontal(*(str(h) for h in NEAR))
    little, enough = pl.col("0") < LEAST, pl.col("days") >= DAYS
    return (little & pl.col("month").is_null()) | ((little | beaten) & enough)


def _better(rows: pl.DataFrame, length: timedelta) -> tuple[float, str]:
    """Give the share of volume inside, and what to say of the number of hours that would put most inside."""
    shares = _shares(rows, length, FAR).row(0, named=True)
    hours = max(FAR, key=lambda h: shares[str(h)])
    found, best = shares["0"], shares[str(hours)]
    way = "later" if hours > 0 else "earlier"
    return found, f", and {best:.0%} would with stamps {abs(hours)} h {way}" if best > found else ""


def check_hours(name: str, rows: pl.DataFrame, length: timedelta, zone: str | None) -> None:
    """Refuse a file whose volume does not fall where New York trades.

    Parameters
    ----------
    rows
        ``start`` (UTC), ``session`` and ``volume_``; without any volume there is nothing to check.
    length
        How long a bar lasts.
    zone
        In which its stamps were read; ``None`` if they carry offsets.

    Raises
    ------
    RefusedFile
        With the share found, the months that are wrong, and the number of hours that would mend them.
    """
    traded = rows.filter(pl.col("volume_") > 0, pl.col("session").is_not_null())
    if traded.is_empty():
        return
    shares = _shares(traded, length, NEAR)
    wrong = shares.filter(_wrong())
    if wrong.is_empty():
        return
    months = wrong["month"].drop_nulls().to_list()
    found, better = _better(traded.filter(_MONTH.is_in(months)) if months else traded, length)
    some, every = len(months), shares.height - 1
    partly = 0 < some < every
    read = f"read in {zone}" if zone else "read by its own offsets"
    where = f" in {some} of its {every} months, the first {months[0]}" if partly else ""
    cause = f"{read}, {found:.0%} of its volume falls into New York's regular hours{where}{better}"
    mend = "give the right --zone" if zone else AGAIN
    raise RefusedFile(name, cause, fix=f"{mend}, or {SLID}" if partly else mend)
