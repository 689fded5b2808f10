"""Which subjects a run is about, and what each of them is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import polars as pl

from overshort import schema
from overshort.metrics import nodes
from overshort.metrics.prices import PROXIES

__all__ = ["KINDS", "TAPED", "Scope", "kinds_of", "listed", "market", "stocks", "underlyings"]

KINDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(schema.INDEXES, "index")
    | dict.fromkeys(schema.EXCHANGES, "exchange")
    | dict.fromkeys(PROXIES.values(), "proxy")
    | {"VIX": "volatility"}
)
"""The market's subjects and what each is."""
TAPED = frozenset({"VIX"})
"""Of the market's subjects those whose option tape belongs to it: each is an underlying besides."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which subjects a run is about: the market's, single stocks, listed ones, or underlyings; never several.

    A stock's own figures need its rows alone; as a *listed* one it is ranked among all, so nothing is cut away.

    Any subject may be an underlying too: what its options say has ids of its own, and a panel of its own unless it is
    one of :data:`TAPED`.
    """

    kind: str
    names: tuple[str, ...]

    @property
    def subjects(self) -> pl.DataFrame:
        own = (self.kind,) if self.kind != "market" else None
        rows = [(n, k) for n in self.names for k in own or kinds_of(n)]
        return pl.DataFrame(rows, schema={"subject": pl.String, "kind": pl.String}, orient="row")

    @property
    def ids(self) -> list[str]:
        """The metrics to compute: of underlyings and listed stocks only their own, of others the rest."""
        every = [m for n in nodes() for m in n.declares]
        if self.kind in ("underlying", "listed"):
            return [m.id for m in every if self.kind in m.subjects]
        return [m.id for m in every if m.subjects != {"listed"}]

    def cut(self, tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
        """Leave only what the subjects need; a stock is an index of one."""
        asked = self.subjects.filter(pl.col("kind") == "underlying")["subject"].to_list()
        options = ("option_trades", "option_quotes")
        out = dict(tables) | {n: tables[n].filter(pl.col("underlying").is_in(asked)) for n in options}
        if self.kind != "stock":
            return out
        own = pl.col("symbol").is_in(self.names)
        out = {n: t.filter(own) if "symbol" in schema.table(n).columns else t for n, t in out.items()}
        out["membership"] = _indexes_of_one(self.names)
        return out


def _indexes_of_one(symbols: Iterable[str]) -> pl.LazyFrame:
    known = schema.table("membership").columns
    rows = pl.DataFrame({"index": sorted(symbols)}, schema={"index": pl.String}).lazy()
    constants = {"first": date(1990, 1, 1), "basis": "spells", "source": "overshort", "sha256": "", "batch": 0}
    return rows.with_columns(
        pl.col("index").alias("symbol"),
        pl.col("index").alias("symbol_raw"),
        pl.datetime(1990, 1, 1, time_unit="us", time_zone="UTC").alias("known_at"),
        *(pl.lit(v).alias(c) for c, v in constants.items()),
        *(pl.lit(None).alias(c) for c in ("last", "dated", "weight")),
    ).select(pl.col(c).cast(t) for c, t in known.items())


def kinds_of(subject: str) -> tuple[str, ...]:
    """Give what a subject of the market is; the VIX is an underlying of options besides."""
    return (KINDS[subject], "underlying") if subject in TAPED else (KINDS[subject],)


def market() -> Scope:
    """Give the scope of the market: indices, exchanges, the traded proxies and the VIX."""
    return Scope("market", tuple(KINDS))


def stocks(symbols: Iterable[str]) -> Scope:
    """Give the scope of single stocks."""
    return Scope("stock", tuple(sorted(set(symbols))))


def listed(symbols: Iterable[str]) -> Scope:
    """Give the scope of stocks ranked among all listed ones."""
    return Scope("listed", tuple(sorted(set(symbols))))


def underlyings(symbols: Iterable[str]) -> Scope:
    """Give the scope of underlyings of options."""
    return Scope("underlying", tuple(sorted(set(symbols))))
