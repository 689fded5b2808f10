"""Interactive Brokers' list of shares to borrow: indicative terms of one broker at one moment.

The first line stamps the list, the last counts its rows.  The stamp is taken for New York time, which its format does
not say and no file at hand proves.  Fee and rebate are in percent a year there and fractions here; ``NA`` and nothing
are null.  ``>10000000`` shares are 10,000,000 available and capped.  Placeholders of vanished shares (``ACII.OLD1``)
stand in the list and are taken as they are.  Only lists of shares in dollars are taken: in another country the same
letters are another company.
"""

import csv
import re
from datetime import datetime

import polars as pl

from overshort import sessions
from overshort.errors import RefusedFile, UsageError
from overshort.sources.declare import (
    AGAIN,
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    letters_and_digits,
    rows_of,
    sift,
    single,
)
from overshort.sources.reading import check_delimiter, csv_rows, decimal, decoded, head, names, text
from overshort.sources.trailers import check, parted

__all__ = ["BORROW"]

SYMBOL = "#SYM"
NEEDED = (SYMBOL, "CUR", "REBATERATE", "FEERATE", "AVAILABLE")
BEGINS = re.compile(r"#BOF\|(\d{4}\.\d{2}\.\d{2})\|(\d{2}:\d{2}:\d{2})\|?")
RATES = {"fee": "FEERATE", "rebate": "REBATERATE"}
SHARES = r"^>?[0-9]{1,18}$"
_RULES = (
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule("currency '{}' is not USD", ["CUR"], text("CUR") == "USD"),
    *(Rule(f"{c} '{{}}' is not a number of percent", [c], pl.col(f"{ours}_ok")) for ours, c in RATES.items()),
    Rule("available '{}' is not a number of shares", ["AVAILABLE"], pl.col("available_ok")),
)


def _missing(column: str) -> pl.Expr:
    return text(column).is_in(["", "NA"])


def _stamp(line: str, name: str) -> datetime:
    found = BEGINS.fullmatch(line.strip())
    try:
        if found:
            stamp = datetime.strptime(f"{found[1]} {found[2]}", "%Y.%m.%d %H:%M:%S")
            sessions.parse_day(stamp.date().isoformat())
            return sessions.at_new_york(stamp.date(), stamp.time())
    except (ValueError, UsageError):
        pass
    cause = f"its first line {line.strip()[:60]!r} is not '#BOF|date|time' with a date of 1990 to 2035"
    raise RefusedFile(name, cause, line=1, fix=AGAIN)


def _parsed(rows: pl.DataFrame) -> pl.DataFrame:
    rates = {ours: decimal(rows, theirs) for ours, theirs in RATES.items()}
    counted = text("AVAILABLE").str.contains(SHARES)
    number = text("AVAILABLE").str.strip_prefix(">")
    return rows.with_columns(
        text(SYMBOL).alias("symbol_raw"),
        letters_and_digits(pl.col(SYMBOL)).alias("symbol"),
        *((percent / 100).alias(ours) for ours, percent in rates.items()),
        *((p.is_not_null() | _missing(RATES[ours])).alias(f"{ours}_ok") for ours, p in rates.items()),
        pl.when(counted).then(number).cast(pl.Int64).alias("available"),
        (counted | _missing("AVAILABLE")).alias("available_ok"),
        text("AVAILABLE").str.starts_with(">").alias("capped"),
    )


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    first, _, below = decoded(content, name).partition("\n")
    check_delimiter(first, name, "|", 1)
    stamp = _stamp(first, name)
    body, said = parted(below, r"#EOF\|(\d{1,12})\|?")
    rows = csv_rows(body, name, "|", NEEDED, quoting=csv.QUOTE_NONE, start=2)
    check(name, "rows", said, rows.height, int(rows["line"][-1]) + 1)
    sound, broken = sift(_parsed(rows), _RULES)
    dated = sound.with_columns(pl.lit(stamp).alias("at"), pl.lit(stamp).alias("known_at"))
    kept, again = single(dated, ["symbol", "at"], "symbol_raw")
    return extracted(name, rows, {"borrow": rows_of("borrow", kept, BORROW.name)}, [broken, again])


def _recognise(content: bytes) -> bool:
    first, _, below = head(content).partition("\n")
    found = names(first) | names(below.partition("\n")[0])
    return "#BOF" in names(first) or len(found & {SYMBOL, *RATES.values()}) >= 2


BORROW = Source(
    name="ibkr.borrow",
    about="Interactive Brokers' list of shares to borrow, with fee and rebate",
    tables=frozenset({"borrow"}),
    recognise=_recognise,
    transform=_transform,
)
