"""What a price file's name says about it, taken as what the user says: sources themselves never look at a name.

An option that a source asks for is what the user gives, else what the file's name says, else what was said when the
same bytes went in.  What was settled on is what the record keeps, so that a later reading of the kept bytes, whose name
may be another, gives the same rows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from overshort.errors import UsageError
from overshort.sources import Options, Source
from overshort.sources.quotes import canonical

__all__ = ["check_said", "settled"]

GENERIC = re.compile(
    "BARS?|CHARTS?|CLOSES?|COPY|CSV|DAILY|DATA|EOD|EXPORT|FILE|FULL|HIST|HOURLY|INDEX|INPUT|MIN|MINUTE|MY|NEW|OHLCV?|OLD"
    "|PRICES?|QUOTES?|SAMPLE|SERIES|STOCKS?|TABLE|TE?MP|TEST|TICKER|USA?|YAHOO|IBKR|CBOE"
)
"""First words of file names that are nobody's symbol."""
SYMBOL, ZONE = re.compile(r"\^?[A-Z0-9]{1,6}"), re.compile(r"[A-Z]{3}([0-9][A-Z]{3})?")


def _tokens(name: str) -> list[str]:
    return [t for t in re.split(r"[_\-\s.]", Path(name).name) if t]


def symbol_in(name: str) -> str | None:
    """Give the symbol with which a file's name begins: ``spy_1h.csv`` is SPY's, ``sp500-daily.csv`` the index's."""
    first = next(iter(_tokens(name)), "").upper()
    if not SYMBOL.fullmatch(first) or GENERIC.fullmatch(first) or not re.search("[A-Z]", first):
        return None
    found = canonical(first)
    return found.symbol if found.is_index else first


def zone_in(name: str) -> str | None:
    """Give the time zone that a later part of a file's name abbreviates: CET, UTC, EST5EDT."""
    return next((t for t in _tokens(name)[1:] if ZONE.fullmatch(t) and _is_zone(t)), None)


def _is_zone(key: str) -> bool:
    try:
        return ZoneInfo(key).key == key
    except (ValueError, OSError, KeyError):
        return False


def settled(source: Source, name: str, options: Options, before: Mapping[str, str]) -> tuple[Options, str]:
    """Settle the options that a source asks for.

    Parameters
    ----------
    before
        The options under which the same bytes went in, if they did.

    Returns
    -------
    tuple
        The options, and what to tell the user of those that the name gave.
    """
    symbol = symbol_in(name) if "symbol" in source.asks and options.symbol is None else None
    zone = zone_in(name) if "zone" in source.asks and options.zone is None else None
    found = replace(
        options,
        symbol=options.symbol or symbol or (before.get("symbol") if "symbol" in source.asks else None),
        zone=options.zone or zone or (before.get("zone") if "zone" in source.asks else None),
    )
    told = ", ".join(filter(None, (symbol and f"taken as {symbol}", zone and f"in {zone} time")))
    return found, f"{told} (from its name)" if told else ""


def check_said(options: Options, sources: Iterable[Source]) -> None:
    """Check what the user says before any file is read.

    Raises
    ------
    UsageError
        If a time zone is none, or one symbol would be given to several files.
    """
    if options.zone is not None and not _is_zone(options.zone):
        raise UsageError(
            f"--zone {options.zone!r} is no time zone; give one by its IANA name, such as Europe/Amsterdam"
        )
    asking = sum("symbol" in source.asks for source in sources)
    if options.symbol is not None and asking > 1:
        cause = f"--symbol {options.symbol} would make the prices of {asking} files those of one symbol"
        raise UsageError(f"{cause}; import them one by one, or name each file after its symbol")
