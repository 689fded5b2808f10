"""The tables: columns, types, keys and row rules, declared once with dataframely.

Every table carries ``known_at`` (the first instant at which the public could have known the row, UTC,
microseconds), ``source``, ``sha256`` (content hash of the file that brought it) and ``batch`` (how often that
file had been imported before: a file that was taken out and imported again gets the next number).
Rows are never changed; a newer ``known_at`` for the same key is a revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import dataframely as dy
import polars as pl

from overshort.made import Forecasts, Panel, Row

__all__ = ["COMMON", "EXCHANGES", "INDEXES", "PANEL", "TABLES", "TRIGGERS", "Panel", "Table", "empty", "table"]

INDEXES = ("SPX", "NDX", "RUT")
EXCHANGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"NASDAQ": ("NNM", "SC"), "LISTED": ("NNM", "SC", "NYSE", "AMEX", "ARCA", "BZX", "IEX")}
)
"""Market classes whose rows make up an exchange subject; LISTED includes funds, preferreds and warrants."""

TRIGGERS = ("trigger:", "trigger_end:")
"""How series of table ``levels`` begin that hold a user's triggers, and their last days; the symbol follows."""
SYMBOL = r"^[A-Z0-9]+$"
COMMON = ("known_at", "source", "sha256", "batch")


class ShortInterest(Row):
    """One security's short position at one settlement date, in shares as reported (not split-adjusted)."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    settlement = dy.Date(primary_key=True)
    position = dy.Int64(nullable=False, min=0)
    previous = dy.Int64(nullable=True, min=0)
    adv = dy.Int64(nullable=True, min=0)
    split = dy.Bool(nullable=False)
    revised = dy.Bool(nullable=False)
    market = dy.String(nullable=False)
    exchange = dy.String(nullable=True)
    name = dy.String(nullable=True)
    dtc_published = dy.Float64(nullable=True)
    symbol_raw = dy.String(nullable=False)


class Totals(Row):
    """An exchange's own announced totals; ``market`` is all, NNM (Global Market) or SC (Capital Market)."""

    subject = dy.String(primary_key=True)
    settlement = dy.Date(primary_key=True)
    market = dy.String(primary_key=True, regex=r"^(all|NNM|SC)$")
    issues = dy.Int64(nullable=True, min=0)
    shares = dy.Int64(nullable=True, min=0)


class Splits(Row):
    """New shares per old for a row that FINRA flagged ``S``."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    settlement = dy.Date(primary_key=True)
    ratio = dy.Float64(nullable=False, min_exclusive=0)
    runner_up = dy.Float64(nullable=True, min_exclusive=0)
    basis = dy.String(nullable=False, regex=r"^(table|price|inferred)$")
    symbol_raw = dy.String(nullable=False)


class Bars(Row):
    """Price bars; ``adjustment`` says what the publisher had adjusted for, and is part of the key."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    interval = dy.String(primary_key=True)
    start = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)
    end = dy.Datetime(time_unit="us", time_zone="UTC", nullable=False)
    session = dy.Date(nullable=False)
    open = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    close = dy.Float64(nullable=False)
    volume = dy.Float64(nullable=True, min=0)
    adjustment = dy.String(primary_key=True, regex=r"^(none|split|total)$")
    currency = dy.String(nullable=False)
    symbol_raw = dy.String(nullable=False)


class Levels(Row):
    """A published level that is no traded bar: VIX, month-end closes, averages; ``frequency`` is part of the key."""

    series = dy.String(primary_key=True)
    at = dy.Date(primary_key=True)
    frequency = dy.String(primary_key=True, regex=r"^(day|week|month_end|month_average)$")
    value = dy.Float64(nullable=False)
    unit = dy.String(nullable=False)


class Membership(Row):
    """Who belongs to an index from ``first`` to before ``last``.

    ``basis`` is part of the key: two publishers may date the same joining alike and still disagree on its end.
    ``dated`` is the date of the complete list that a row comes from; null where the publisher lists changes only.
    """

    index = dy.String(primary_key=True)
    symbol = dy.String(primary_key=True, regex=SYMBOL)
    first = dy.Date(primary_key=True)
    last = dy.Date(nullable=True)
    basis = dy.String(primary_key=True, regex=r"^(changes|spells|snapshot)$")
    dated = dy.Date(nullable=True)
    weight = dy.Float64(nullable=True)
    symbol_raw = dy.String(nullable=False)


class Shares(Row):
    """Shares outstanding and free float as they became visible on ``at``; rounded to ``rounding`` shares."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    at = dy.Date(primary_key=True)
    outstanding = dy.Float64(nullable=True, min_exclusive=0)
    float = dy.Float64(nullable=True, min_exclusive=0)
    rounding = dy.Int64(nullable=False, min=1)
    symbol_raw = dy.String(nullable=False)


class OptionTrades(Row):
    """One option execution with the quote that stood when it happened."""

    vendor = dy.String(primary_key=True)
    session = dy.Date(primary_key=True)
    ts_ns = dy.Int64(primary_key=True)
    contract = dy.String(primary_key=True)
    sequence = dy.Int64(primary_key=True)
    row = dy.Int64(primary_key=True)
    underlying = dy.String(nullable=False)
    expiry = dy.Date(nullable=False)
    strike = dy.Float64(nullable=False)
    right = dy.String(nullable=False, regex=r"^(call|put)$")
    price = dy.Float64(nullable=False)
    size = dy.Int64(nullable=False)
    multiplier = dy.Int64(nullable=False)
    bid = dy.Float64(nullable=True)
    ask = dy.Float64(nullable=True)
    quote_ts_ns = dy.Int64(nullable=True)
    condition = dy.String(nullable=True)
    opra = dy.String(nullable=True)
    leg = dy.String(nullable=False)
    venue = dy.String(nullable=True)
    cancel = dy.Bool(nullable=False)


class OptionQuotes(Row):
    """One best bid and offer of an option contract, of which trades that came without a quote take the one before."""

    vendor = dy.String(primary_key=True)
    session = dy.Date(primary_key=True)
    ts_ns = dy.Int64(primary_key=True)
    contract = dy.String(primary_key=True)
    sequence = dy.Int64(primary_key=True)
    underlying = dy.String(nullable=False)
    bid = dy.Float64(nullable=True)
    ask = dy.Float64(nullable=True)


class OptionChain(Row):
    """One contract of a delayed end-of-day option chain."""

    underlying = dy.String(primary_key=True)
    at = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)
    contract = dy.String(primary_key=True)
    bid = dy.Float64(nullable=True)
    ask = dy.Float64(nullable=True)
    volume = dy.Int64(nullable=True)
    open_interest = dy.Int64(nullable=True)
    iv = dy.Float64(nullable=True)
    gamma = dy.Float64(nullable=True)


class Borrow(Row):
    """One broker's indicative borrow terms; ``fee`` and ``rebate`` are fractions a year."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    at = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)
    fee = dy.Float64(nullable=True)
    rebate = dy.Float64(nullable=True)
    available = dy.Int64(nullable=True)
    capped = dy.Bool(nullable=False)
    symbol_raw = dy.String(nullable=False)


class Flows(Row):
    """Daily short-sale volume, of all facilities or of one (its letter behind), or fails: never short interest."""

    symbol = dy.String(primary_key=True, regex=SYMBOL)
    session = dy.Date(primary_key=True)
    kind = dy.String(primary_key=True, regex=r"^(short_volume(_[bqndo])?|fails)$")
    quantity = dy.Float64(nullable=False)
    total = dy.Float64(nullable=True)
    price = dy.Float64(nullable=True)
    symbol_raw = dy.String(nullable=False)


class Publications(Row):
    """When a report was published; ``basis`` says whether the publisher announced it or the rule gave it."""

    dataset = dy.String(primary_key=True)
    settlement = dy.Date(primary_key=True)
    published_at = dy.Datetime(time_unit="us", time_zone="UTC", nullable=False)
    basis = dy.String(nullable=False, regex=r"^(announced|rule)$")


@cache
def _columns(schema: type[dy.Schema]) -> Mapping[str, pl.DataType]:
    return MappingProxyType(dict(schema.create_empty().schema))


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the store.

    Attributes
    ----------
    key
        Columns that, together with ``known_at``, identify a row.
    described
        Columns that describe a row and are not compared when the same key arrives again: a file that spells a
        name otherwise, or leaves it out, revises nothing.
    """

    name: str
    schema: type[dy.Schema]
    described: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(c for c in self.schema.primary_key() if c != "known_at")

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        return _columns(self.schema)

    @property
    def values(self) -> tuple[str, ...]:
        skipped = {*self.key, *COMMON, *self.described}
        return tuple(c for c in self.columns if c not in skipped)


PANEL: Mapping[str, pl.DataType] = _columns(Panel)
_RAW = frozenset({"symbol_raw"})
_TOLD = frozenset({"split", "revised", "exchange", "name", "dtc_published", "symbol_raw"})
TABLES: Mapping[str, Table] = MappingProxyType(
    {
        t.name: t
        for t in (
            Table("short_interest", ShortInterest, _TOLD),
            Table("totals", Totals),
            Table("splits", Splits, _RAW),
            Table("bars", Bars, _RAW),
            Table("levels", Levels),
            Table("membership", Membership, _RAW),
            Table("shares", Shares, _RAW),
            Table("option_trades", OptionTrades),
            Table("option_quotes", OptionQuotes),
            Table("option_chain", OptionChain),
            Table("borrow", Borrow, _RAW),
            Table("flows", Flows, _RAW),
            Table("publications", Publications),
            Table("forecasts", Forecasts, frozenset({"as_of", "written_at", "code", "data"})),
        )
    }
)


def table(name: str) -> Table:
    """Give the declaration of a table."""
    return TABLES[name]


def empty(name: str) -> pl.DataFrame:
    """Give a table without rows, with exactly its columns and types."""
    return pl.DataFrame(schema=dict(TABLES[name].columns))
