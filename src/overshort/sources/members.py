"""Who belonged to the S&P 500, from lists that a volunteer keeps.

* ``sp500.spells``: one row a stay, with its first day and the first day after it (empty while it lasts);
* ``sp500.changes``: one row a date, with the symbols that joined and those that left;
* ``sp500.list``: the members of one day, without a date inside.
"""

from datetime import date

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import (
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    faults_of,
    instant,
    letters_and_digits,
    rows_of,
    sift,
    single,
)
from overshort.sources.lists import snapshot
from overshort.sources.reading import absent, csv_rows, day, decoded, first_names, text
from overshort.sources.stays import Event, stays

__all__ = ["CHANGES", "LIST", "SPELLS"]

INDEX = "SPX"
_SYMBOL = Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != "")
_SPELL_RULES = (
    _SYMBOL,
    Rule("start date '{}' is not a date YYYY-MM-DD", ["start_date"], pl.col("first").is_not_null()),
    Rule("end date '{}' is not a date YYYY-MM-DD", ["end_date"], pl.col("last_ok")),
    Rule(
        "end date {} is before start date {}",
        ["end_date", "start_date"],
        (pl.col("last") >= pl.col("first")).fill_null(True),
    ),
)


def _named(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.with_columns(text(column).alias("symbol_raw"), letters_and_digits(pl.col(column)).alias("symbol"))


def _table(frame: pl.DataFrame, basis: str, source: str) -> pl.DataFrame:
    """Give dated rows the table's columns; they are known from the beginning of their first day."""
    labels = pl.lit(INDEX).alias("index"), pl.lit(basis).alias("basis"), instant("first").alias("known_at")
    return rows_of("membership", frame.with_columns(*labels), source)


def _apart(spells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the spells from those that begin before the symbol's last one has ended."""
    latest: dict[str, tuple[str, date, date | None]] = {}
    found = []
    columns = spells.sort("first", "row").select("row", "symbol", "symbol_raw", "first", "last")
    for row, symbol, spelled, first, last in columns.iter_rows():
        before = latest.get(symbol)
        if before is not None and (before[2] is None or first < before[2] or first == before[1]):
            reason = f"'{spelled}' from {first} overlaps '{before[0]}' from {before[1]} to {before[2] or 'today'}"
            found.append((row, "spells of one symbol overlap", reason))
        else:
            latest[symbol] = spelled, first, last
    faults = faults_of(found)
    return spells.join(faults, on="row", how="anti", maintain_order="left"), faults


def _spells(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", ["ticker", "start_date", "end_date"])
    last = day(rows, "end_date")
    parsed = _named(rows, "ticker").with_columns(
        day(rows, "start_date").alias("first"),
        last.alias("last"),
        (last.is_not_null() | absent(rows, "end_date")).alias("last_ok"),
    )
    sound, broken = sift(parsed, _SPELL_RULES)
    kept, overlapping = _apart(sound)
    table = _table(kept, "spells", SPELLS.name)
    return extracted(name, rows, {"membership": table}, [broken, overlapping])


def _is_spells(content: bytes) -> bool:
    found = first_names(content)
    return "ticker" in found and bool(found & {"start_date", "end_date"})


def _events(rows: pl.DataFrame) -> pl.DataFrame:
    """Give one row a symbol and event in place of one row a date."""
    parts = [
        rows.select("line", "text", "date", pl.col(c).str.split(",").alias("symbol_raw"), pl.lit(joins).alias("joins"))
        for c, joins in (("remove", False), ("add", True))
    ]
    events = pl.concat(parts).explode("symbol_raw").with_columns(text("symbol_raw"))
    given = events.filter(pl.col("symbol_raw") != "").sort("line", maintain_order=True)
    return given.with_row_index("row")


def _changes(content: bytes, name: str, _options: Options) -> Extract:
    rows = _events(csv_rows(decoded(content, name), name, ",", ["date", "add", "remove"]))
    on = Rule("date '{}' is not a date YYYY-MM-DD", ["date"], pl.col("on").is_not_null())
    parsed = _named(rows, "symbol_raw").with_columns(day(rows, "date").alias("on"))
    sound, broken = sift(parsed, (_SYMBOL, on))
    columns = sound.select("row", "on", "symbol", "symbol_raw", "joins")
    found, faults = stays(Event(*row) for row in columns.iter_rows())
    table = _table(found, "changes", CHANGES.name)
    return extracted(name, rows, {"membership": table}, [broken, faults])


def _is_changes(content: bytes) -> bool:
    return {"add", "remove"} <= first_names(content)


def _list(content: bytes, name: str, options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", ["Symbol"])
    if options.dated is None:
        raise RefusedFile(name, "it says no date", fix="give the date of the list with --dated YYYY-MM-DD")
    sound, broken = sift(_named(rows, "Symbol"), [_SYMBOL])
    kept, again = single(sound, ["symbol"], "symbol_raw")
    table = rows_of("membership", snapshot(kept, INDEX, options.dated), LIST.name)
    return extracted(name, rows, {"membership": table}, [broken, again])


def _is_list(content: bytes) -> bool:
    found = first_names(content)
    return "GICS Sector" in found and bool(found & {"Symbol", "Security"})


_MEMBERSHIP = frozenset({"membership"})
SPELLS = Source(
    name="sp500.spells",
    about="S&P 500 stays, with start and end dates",
    tables=_MEMBERSHIP,
    recognise=_is_spells,
    transform=_spells,
)
CHANGES = Source(
    name="sp500.changes",
    about="S&P 500 changes, with the symbols added and removed on each date",
    tables=_MEMBERSHIP,
    recognise=_is_changes,
    transform=_changes,
)
LIST = Source(
    name="sp500.list",
    about="S&P 500 members of one day, which the user dates",
    tables=_MEMBERSHIP,
    recognise=_is_list,
    transform=_list,
)
