"""Who belonged to the Nasdaq-100: one YAML file a year, with the members on 1 January and that year's changes.

The YAML is read as nodes, in which every scalar is text: a plain YAML 1.1 reader takes the ticker ``ON`` for *true*
and lets a date that stands twice replace its first mention.  Each file speaks for its own year only: a stay that
lasts ends on the next 1 January, and the next file goes on from there.
"""

import re
from collections.abc import Iterator
from datetime import date

import polars as pl
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from overshort.errors import RefusedFile
from overshort.sources.declare import (
    AGAIN,
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    instant,
    letters_and_digits,
    rows_of,
    sift,
    single,
)
from overshort.sources.reading import day, decoded, head
from overshort.sources.stays import Event, stays

__all__ = ["YEARS"]

INDEX = "NDX"
MEMBERS, CHANGES, JOINS, LEAVES = "tickers_on_Jan_1", "changes", "union", "difference"
YEARS_COVERED = range(1985, 2035)
ROWS = {"line": pl.Int64(), "text": pl.String(), "date": pl.String(), "symbol_raw": pl.String(), "change": pl.String()}


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _refusal(name: str, node: Node, cause: str) -> RefusedFile:
    return RefusedFile(name, cause, line=_line(node), fix=AGAIN)


def _root(content: str, name: str) -> Node:
    if not content.endswith("\n"):
        cause = "its last line has no line end, so its last value may be cut off"
        raise RefusedFile(name, cause, line=content.count("\n") + 1, fix=f"{AGAIN}, or end the line if it is whole")
    try:
        root = yaml.compose(content, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        cause = f"it is not YAML ({getattr(error, 'problem', None) or 'unreadable characters'})"
        raise RefusedFile(name, cause, line=None if mark is None else mark.line + 1, fix=AGAIN) from None
    if root is None:
        raise RefusedFile(name, "it has no rows", fix=AGAIN)
    return root


def _entries(node: Node, name: str) -> dict[str, Node]:
    """Give the entries of a mapping, none where nothing stands there."""
    if isinstance(node, ScalarNode) and node.value == "":
        return {}
    if not isinstance(node, MappingNode):
        raise _refusal(name, node, "a mapping of names to values must stand here")
    found: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or key.value in found:
            raise _refusal(name, key, f"{key.value if isinstance(key, ScalarNode) else 'a list'!r} stands twice here")
        found[key.value] = value
    return found


def _symbols(node: Node, name: str) -> Iterator[tuple[int, str]]:
    """Give the scalars of a list, each with its line."""
    if isinstance(node, ScalarNode) and node.value == "":
        return
    if not isinstance(node, SequenceNode):
        raise _refusal(name, node, "a list of tickers must stand here")
    for item in node.value:
        if not isinstance(item, ScalarNode):
            raise _refusal(name, item, "a ticker must stand here")
        yield _line(item), str(item.value)


def _year(entries: dict[str, Node], name: str) -> int:
    node = entries.get("year")
    if node is None or MEMBERS not in entries:
        missing = MEMBERS if node is not None else "year"
        raise RefusedFile(name, f"it has no entry {missing!r}", fix=AGAIN)
    written = str(node.value)
    if not re.fullmatch("[0-9]{4}", written) or int(written) not in YEARS_COVERED:
        raise _refusal(name, node, f"{written[:60]!r} is not a year from {YEARS_COVERED[0]} to {YEARS_COVERED[-1]}")
    return int(written)


def _changes(entries: dict[str, Node], name: str) -> Iterator[tuple[int, str, str, str]]:
    if CHANGES not in entries:
        return
    for on, change in _entries(entries[CHANGES], name).items():
        for kind, node in _entries(change, name).items():
            if kind not in (JOINS, LEAVES):
                raise _refusal(name, node, f"{kind!r} is neither {LEAVES} nor {JOINS}")
            yield from ((line, on, symbol, kind) for line, symbol in _symbols(node, name))


def _rows(content: str, name: str, entries: dict[str, Node], year: int) -> pl.DataFrame:
    """Give one row a member of 1 January and one a change."""
    standing = [(line, f"{year}-01-01", s, MEMBERS) for line, s in _symbols(entries[MEMBERS], name)]
    lines = content.split("\n")
    found = [(k, lines[k - 1].strip(), on, s, kind) for k, on, s, kind in [*standing, *_changes(entries, name)]]
    return pl.DataFrame(found, schema=ROWS, orient="row").with_row_index("row")


def _rules(year: int) -> list[Rule]:
    return [
        Rule("ticker '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
        Rule(f"date '{{}}' is not a date YYYY-MM-DD of {year}", ["date"], pl.col("on").dt.year() == year),
    ]


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    written = decoded(content, name)
    entries = _entries(_root(written, name), name)
    year = _year(entries, name)
    rows = _rows(written, name, entries, year)
    parsed = rows.with_columns(letters_and_digits(pl.col("symbol_raw")).alias("symbol"), day(rows, "date").alias("on"))
    sound, broken = sift(parsed, _rules(year))
    first, again = single(sound.filter(pl.col("change") == MEMBERS), ["symbol"], "symbol_raw")
    standing = {s: (raw, date(year, 1, 1)) for s, raw in first.select("symbol", "symbol_raw").iter_rows()}
    changes = sound.filter(pl.col("change") != MEMBERS)
    events = changes.select("row", "on", "symbol", "symbol_raw", pl.col("change") == JOINS)
    found, faults = stays((Event(*row) for row in events.iter_rows()), standing)
    table = found.with_columns(
        pl.lit(INDEX).alias("index"),
        pl.lit("changes").alias("basis"),
        pl.col("last").fill_null(date(year + 1, 1, 1)),
        pl.lit(date(year, 1, 1)).alias("dated"),
        instant("first").alias("known_at"),
    )
    tables = {"membership": rows_of("membership", table, YEARS.name)}
    return extracted(name, rows, tables, [broken, again, faults])


def _recognise(content: bytes) -> bool:
    return re.search(rf"^['\"]?{MEMBERS}['\"]?\s*:", head(content), re.MULTILINE) is not None


YEARS = Source(
    name="nasdaq100.years",
    about="Nasdaq-100 members on 1 January and the changes of that year",
    tables=frozenset({"membership"}),
    recognise=_recognise,
    transform=_transform,
)
