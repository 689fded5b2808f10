"""Bars within the day of one symbol that the file does not name.

* ``prices.intraday``: stamps that carry an offset, as Yahoo's bars in UTC;
* ``prices.local``: wall-clock stamps without one, whose zone the user gives;
* ``ibkr.bars``: the same under no column name, as Interactive Brokers' bars are saved; their volume counts lots of 100.

A stamp is a bar's start, and how long a bar lasts is the most frequent distance between stamps.  A bar that begins in
regular hours ends at the close at the latest, early closes included; the session is the New York date of its start.
Extended hours are kept.  Some of Yahoo's bars have volume 0, the first of a file among them, and its half days lack the
bar of 12:30; all is kept as it stands.  Whether stamps can be what they are said to be, :mod:`~overshort.sources.zones`
checks.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, Extract, Options, Rule, Source, extracted, sift, single
from overshort.sources.quotes import SESSION, WHOLE, Layout, bars_of, layout, price_rows, whose, with_session
from overshort.sources.zones import check_hours

__all__ = ["IBKR", "INTRADAY", "LOCAL"]

LOT = 100
LONGEST = timedelta(hours=4)
_FORMS = tuple(f"{day}{clock}" for day in ("%Y-%m-%d ", "%Y%m%d ") for clock in ("%H:%M:%S", "%H:%M"))
_READABLE = Rule("'{}' is not a time YYYY-MM-DD HH:MM:SS", ["stamp"], pl.col("readable"))


def _plain() -> pl.Expr:
    """Give stamps with a single blank before the clock and a numeric offset."""
    return pl.col("stamp").str.strip_chars().str.replace(r"[T ]\s*", " ").str.replace("Z$", "+00:00")


def _instants(rows: pl.DataFrame) -> pl.DataFrame:
    read = (_plain().str.to_datetime(f"{f}%z", time_unit="us", time_zone="UTC", strict=False) for f in _FORMS)
    return rows.with_columns(pl.coalesce(*read).alias("start")).with_columns(
        pl.col("start").is_not_null().alias("readable")
    )


def _walls(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Read wall-clock times; null are those that a change of clocks skips or repeats."""
    wall = pl.coalesce(*(_plain().str.to_datetime(f, time_unit="us", strict=False) for f in _FORMS))
    zoned = wall.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return rows.with_columns(zoned.dt.convert_time_zone("UTC").alias("start"), wall.is_not_null().alias("readable"))


def _zone(name: str, options: Options) -> str:
    if options.zone is None:
        cause = "its stamps carry no offset and it does not say in which time zone they are"
        raise RefusedFile(name, cause, fix="give --zone, such as Europe/Amsterdam")
    try:
        return ZoneInfo(options.zone).key
    except (ValueError, OSError, KeyError):
        raise RefusedFile(
            name, f"{options.zone!r} is no time zone", fix="give --zone such as Europe/Amsterdam"
        ) from None


def _length(name: str, starts: pl.Series) -> timedelta:
    """Give the most frequent distance between stamps, the shortest of several."""
    apart = starts.drop_nulls().unique().sort().diff().drop_nulls()
    if apart.is_empty():
        cause = "it has fewer than two readable stamps, so the length of its bars cannot be told"
        raise RefusedFile(name, cause, fix=AGAIN)
    length: timedelta = apart.mode().sort()[0]
    if not timedelta(minutes=1) <= length <= LONGEST or length % timedelta(minutes=1):
        cause = f"its stamps are mostly {length} apart, which is no bar of whole minutes up to {LONGEST}"
        raise RefusedFile(name, cause, fix="save daily rows with dates and without times")
    return length


def _spelled(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def _placed(rows: pl.DataFrame, length: timedelta) -> pl.DataFrame:
    """Add the session and the end of each bar."""
    local = pl.col("start").dt.convert_time_zone("America/New_York")
    frame = with_session(rows.with_columns(local.dt.date().alias("session")))
    start, closes = pl.col("start"), pl.col("closes")
    regular = ((start >= pl.col("opens")) & (start < closes)).fill_null(False)
    end = start + length
    return frame.with_columns(pl.when(regular).then(pl.min_horizontal(end, closes)).otherwise(end).alias("end"))


def _transform(content: bytes, name: str, options: Options, *, stamps: Layout, source: str) -> Extract:
    of = whose(name, options)
    if of.is_index:
        cause = f"{of.symbol} is an index, and of an index one value a day is kept"
        raise RefusedFile(name, cause, fix="import its daily file, or say with --symbol whose prices these are")
    rows = price_rows(content, name)
    zone = None if stamps == "instants" else _zone(name, options)
    read = _instants(rows) if zone is None else _walls(rows, zone)
    length = _length(name, read["start"])
    placed = _placed(read, length)
    check_hours(name, placed, length, zone)
    changed = Rule("'{}' is skipped or stands twice when clocks change", ["stamp"], pl.col("start").is_not_null())
    sound, broken = sift(placed, (_READABLE, changed, SESSION, *WHOLE))
    kept, again = single(sound, ["start"], "stamp")
    lots = LOT if stamps == "unnamed" else 1
    counted = kept.with_columns(pl.col("volume_") * lots)
    bars = bars_of(counted, of, _spelled(length), options.adjustment or "split", source)
    remark = f"volume read as lots of {LOT} shares" if lots > 1 else ""
    return replace(extracted(name, rows, {"bars": bars}, [broken, again]), remark=remark)


def _source(name: str, about: str, stamps: Layout, asks: frozenset[str]) -> Source:
    return Source(
        name=name,
        about=about,
        tables=frozenset({"bars"}),
        recognise=lambda content: layout(content) == stamps,
        transform=partial(_transform, stamps=stamps, source=name),
        asks=asks,
    )


_SYMBOL, _BOTH = frozenset({"symbol"}), frozenset({"symbol", "zone"})
INTRADAY = _source("prices.intraday", "bars within the day, stamped with an offset", "instants", _SYMBOL)
LOCAL = _source("prices.local", "bars within the day, stamped in local time", "local", _BOTH)
IBKR = _source("ibkr.bars", "Interactive Brokers' bars, local time, volume in lots of 100", "unnamed", _BOTH)
