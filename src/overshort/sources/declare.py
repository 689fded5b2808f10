"""What a source is: how its content is recognised, which tables it feeds, how bytes become rows.

A source never looks at a file's name: names are for messages only.  ``transform`` is pure; it reads no clock, no
disk and no other source.  All go the same way:

1. :mod:`~overshort.sources.reading` gives the file's rows as columns, or refuses a damaged file;
2. :func:`sift` by rules, :func:`single` by key: a row that breaks one is a fault, with the value and the rule;
3. :func:`extracted` puts rows and faults together, or refuses the file where too many rows are faulty.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal, NamedTuple

import polars as pl

from overshort import schema, sessions
from overshort.errors import RefusedFile

__all__ = [
    "AGAIN",
    "FAULTS",
    "HEAD",
    "NIGHT",
    "REFUSED",
    "Adjustment",
    "Extract",
    "Options",
    "Rule",
    "Source",
    "extracted",
    "faults_of",
    "instant",
    "letters_and_digits",
    "rows_of",
    "sift",
    "single",
    "with_publication",
]

HEAD = 65_536
"""How many bytes of a file's beginning decide what it is."""
REFUSED: Mapping[str, pl.DataType] = {"line": pl.Int64(), "reason": pl.String(), "text": pl.String()}
"""Columns of refused rows; ``line`` counts from 1 in the unpacked file and is null in binary formats."""
FAULTS: Mapping[str, pl.DataType] = {"row": pl.UInt32(), "rule": pl.String(), "reason": pl.String()}
"""Columns of faults: which row, the rule in general words, the rule with the row's values in it."""
NIGHT = time(23, 59)
"""When a list or count of a day is known: once the day is over."""
AGAIN = "get the file again from its publisher"
_FEW, _SHARE, _SHOWN = 10, 0.01, 60
Adjustment = Literal["none", "split", "total"]
"""What prices are adjusted for: nothing, splits, or splits and dividends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user says about a file that the file itself does not say.

    Attributes
    ----------
    dated
        Date of a list that carries none inside.
    index
        Index (SPX, NDX or RUT) of a list that names none.
    symbol
        Whose prices a file holds that names nobody.
    zone
        Time zone, as IANA names it, of stamps that carry no offset.
    adjustment
        What prices are adjusted for, where it is not what is usual for the kind of file.
    """

    dated: date | None = None
    index: str | None = None
    symbol: str | None = None
    zone: str | None = None
    adjustment: Adjustment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What one file holds.

    Attributes
    ----------
    tables
        Table name to rows, with all columns of the table but ``sha256`` and ``batch``; no key stands twice.
    refused
        The rows that were not taken, with the columns of :data:`REFUSED`.
    read
        How many data rows the file has, taken or refused; header, footer and rows of other kinds do not count.
    remark
        What the user should know of rows that were taken; empty where there is nothing to say.
    """

    tables: Mapping[str, pl.DataFrame]
    refused: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REFUSED))
    read: int
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of file of one publisher.

    Attributes
    ----------
    name
        ``publisher.kind``; stored in column ``source`` of every row.
    about
        What the file is, in a few words for a user.
    tables
        The tables that it feeds.
    recognise
        Tells from a file's content whether it is of this kind, even when it is damaged further on: text from its
        first :data:`HEAD` bytes, Parquet from its column names.
    transform
        Gives the rows of a whole file: content, name for messages, options.  Raises
        :class:`~overshort.errors.RefusedFile` where the file cannot be taken.
    order
        Kinds with a lower number go in first within one import: complete reports before excerpts of them.
    asks
        The options without which it cannot take a file of this kind; the engine may find them in the file's name.
    """

    name: str
    about: str
    tables: frozenset[str]
    recognise: Callable[[bytes], bool]
    transform: Callable[[bytes, str, Options], Extract]
    order: int = 1
    asks: frozenset[str] = frozenset()


class Rule(NamedTuple):
    """What must hold of a row.

    ``says`` is the refusal, with ``{}`` for each of the columns ``values``; ``holds`` the condition, null fails.
    """

    says: str
    values: Sequence[str]
    holds: pl.Expr


def letters_and_digits(column: pl.Expr) -> pl.Expr:
    """Give symbols in the spelling that all publishers share: upper-case letters and digits, no separators."""
    return column.cast(pl.String).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")


def rows_of(name: str, frame: pl.DataFrame, source: str) -> pl.DataFrame:
    """Give a frame exactly the columns and types of a table, ``sha256`` and ``batch`` left out.

    Nullable columns that the frame lacks become null; the file's own columns that the table lacks are dropped.
    """
    columns = {c: t for c, t in schema.table(name).columns.items() if c not in ("sha256", "batch")}
    given = frame.with_columns(pl.lit(source).alias("source"))
    return given.select(
        (pl.col(c) if c in given.columns else pl.lit(None)).cast(t).alias(c) for c, t in columns.items()
    )


def faults_of(found: Iterable[tuple[int, str, str]] = ()) -> pl.DataFrame:
    """Give faults, written as (row, rule, reason), as a frame."""
    return pl.DataFrame(list(found), schema=FAULTS, orient="row")


def _shown(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("").str.head(_SHOWN)


def sift(frame: pl.DataFrame, rules: Sequence[Rule]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the rows that keep all rules from the faults; a row counts against the first rule that it breaks."""
    broken = (pl.when(~rule.holds.fill_null(False)).then(pl.lit(k)) for k, rule in enumerate(rules))
    first = frame.select(pl.coalesce(*broken)).to_series()
    if first.null_count() == frame.height:
        return frame, faults_of()
    found = [
        frame.filter(first == k).select(
            "row", pl.lit(rule.says).alias("rule"), pl.format(rule.says, *map(_shown, rule.values)).alias("reason")
        )
        for k, rule in enumerate(rules)
    ]
    return frame.filter(first.is_null()), pl.concat(found)


def single(frame: pl.DataFrame, key: Sequence[str], spelled: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the first row of each key from its repetitions, which are faults.

    Parameters
    ----------
    spelled
        The column with the published spelling: two spellings of one key are a collision, and the fault names both.
    """
    if frame.select(key).n_unique() == frame.height:
        return frame, faults_of()
    new = frame.select(pl.struct(key).is_first_distinct()).to_series()
    first = frame.filter(new).select(*key, pl.col(spelled).alias("kept"))
    again = frame.filter(~new).join(first, on=list(key)).sort("row")
    where = pl.concat_str([pl.col(c).cast(pl.String) for c in key], separator=" ")
    same = pl.col("kept") == pl.col(spelled)
    twice = pl.format("'{}' stands twice for {}: only the first row is taken", spelled, where)
    both = pl.format("'{}' and '{}' are both {} in letters and digits: only the first is taken", "kept", spelled, where)
    reason = pl.when(same).then(twice).otherwise(both)
    return frame.filter(new), again.select("row", pl.lit("a key stands twice").alias("rule"), reason.alias("reason"))


def _lines(rows: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    columns = [pl.col(c).cast(pl.String) for c in rows.columns if c not in ("row", "line")]
    text = pl.col("text") if "text" in rows.columns else pl.concat_str(columns, separator="|", ignore_nulls=True)
    found = rows.join(faults, on="row").sort("row")
    # A quoted value may hold line ends, and a reason is one sentence on one line.
    reason = pl.col("reason").str.replace_all(r"[\r\n]+", " ")
    return found.select("line", reason, text.alias("text"), "rule")


def _refuse_faulty(name: str, read: int, found: pl.DataFrame) -> None:
    """Refuse the file where more than a few rows, and more than 1 in 100, are faulty, or where none is sound."""
    if read == 0:
        raise RefusedFile(name, "it has no rows", fix=AGAIN)
    if found.height < read and found.height <= max(_FEW, _SHARE * read):
        return
    common = found["rule"].value_counts(sort=True)["rule"][0]
    first = found.filter(pl.col("rule") == common).row(0, named=True)
    cause = f"{found.height:,} of its {read:,} rows cannot be taken, most often like this one: {first['reason']}"
    raise RefusedFile(name, cause, line=first["line"], fix=AGAIN)


def _listed(rows: pl.DataFrame, faults: Iterable[pl.DataFrame]) -> pl.DataFrame:
    found = pl.concat([faults_of(), *faults])
    return _lines(rows, found) if found.height else pl.DataFrame(schema={**REFUSED, "rule": pl.String})


def extracted(
    name: str,
    rows: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    faults: Iterable[pl.DataFrame],
    unusable: Iterable[pl.DataFrame] = (),
) -> Extract:
    """Put together what a file gave.

    Parameters
    ----------
    rows
        The rows as read: ``row``, ``line``, and ``text`` or the columns that make up the text of a refused row.
    unusable
        Faults of sound rows that no table has a place for: listed like others, and no sign of a damaged file.

    Raises
    ------
    RefusedFile
        If there are no rows, none can be taken, or more than 10 and more than 1 % of them cannot.
    """
    lines, others = _listed(rows, faults), _listed(rows, unusable)
    if rows.height and others.height == rows.height:
        _refuse_faulty(name, rows.height, others)
    _refuse_faulty(name, rows.height - others.height, lines)
    return Extract(tables=tables, refused=pl.concat([lines, others]).drop("rule"), read=rows.height)


def instant(column: str, clock: time = time(0)) -> pl.Expr:
    """Give the UTC instant of a wall-clock time in New York on the dates of a column."""
    wall = pl.col(column).cast(pl.Datetime("us")) + pl.duration(hours=clock.hour, minutes=clock.minute)
    return wall.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")


def with_publication(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``known_at`` and ``announced``: when the report of ``settlement`` is published, and on what basis."""
    times = sessions.publications(frame["settlement"].unique())
    own = times.select("settlement", pl.col("published_at").alias("known_at"), pl.col("basis").alias("announced"))
    return frame.join(own, on="settlement", how="left", maintain_order="left")
