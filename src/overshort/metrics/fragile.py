"""Fragile equilibrium: four conditions that commentary names together, each with its own flag, and how many hold.

1. Refusal: shorts up over 24 reports while price rose (``refusal.state_12m`` is REFUSE).
2. Acceptance, or balance in its upper half (``structure.verdict`` of the index's traded proxy).
3. Cheap volatility: the VIX at or below the 20th percentile of a year.
4. Persistent momentum: at least five completed months up in a row; the running month does not count.

At every session each condition rests on the newest value known at its close.  A newest value that is null, or too
old, says nothing: an earlier one never stands in for it.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import polars as pl

from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.prices import PROXIES
from overshort.metrics.refusal.states import STATES
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.structure.verdict import VERDICTS

__all__ = ["conditions", "fragile"]

CHEAP, STREAK = 20.0, 5
AT = ["subject", "session"]
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "refusal": "refusal.state_12m",
        "acceptance": "structure.verdict",
        "cheap_volatility": "volatility.rank_1y",
        "persistence": "persistence.month_streak",
    }
)
"""The id that each condition rests on."""
OLDEST: Mapping[str, timedelta] = MappingProxyType(
    {
        "refusal": timedelta(days=45),
        "acceptance": timedelta(days=7),
        "cheap_volatility": timedelta(days=7),
        "persistence": timedelta(days=45),
    }
)
"""How far back the newest value may lie: a report, a session and a month that are missing, and no more."""


def _declared(name: str, kind: str, unit: str, definition: str, null: str) -> Metric:
    return Metric(
        id=f"fragile.{name}",
        kind="count" if kind == "count" else "flag",
        unit=unit,
        grid="session",
        subjects=frozenset({"index"}),
        null_rule=null,
        lookback=0,
        definition=definition,
    )


def _flag(name: str, definition: str) -> Metric:
    null = f"null where the newest value of {SOURCES[name]} is null, or older than {OLDEST[name].days} days"
    return _declared(name, "flag", "flag", f"{definition}; the base date is that of the value.", null)


FLAGS = {
    "refusal": _flag("refusal", "Whether refusal.state_12m, the newest known at the session's close, is REFUSE"),
    "acceptance": _flag(
        "acceptance",
        "Whether structure.verdict of the index's traded proxy, the newest known at the session's close, is "
        "ACCEPTANCE, or BALANCE with the proxy's close above the middle of its value area",
    ),
    "cheap_volatility": _flag(
        "cheap_volatility",
        f"Whether volatility.rank_1y of the VIX, the newest known at the session's close, is at most {CHEAP:g}",
    ),
    "persistence": _flag(
        "persistence",
        f"Whether persistence.month_streak, the newest known at the session's close, is at least {STREAK}: completed "
        "months, the running one does not count",
    ),
}
COUNT = _declared(
    "count",
    "count",
    "count",
    "How many of the four conditions hold: refusal, acceptance or upward balance, cheap volatility, persistent "
    "momentum; n of them are known, and the note names those that hold.",
    "null where none of the four is known",
)


def _newest(inputs: Inputs, name: str) -> pl.LazyFrame:
    """Give the newest known row behind a condition, for every index and session: ``value, at, basis, lacking``."""
    id = SOURCES[name]
    rows = inputs[f"{id}@session"].with_columns(pl.col("at").dt.date())
    old = pl.col("session") - pl.col("at") > OLDEST[name]
    lacking = reason(
        (pl.col("value").is_null(), pl.format("{} at {}: {}", pl.lit(id), "at", "reason")),
        (old, pl.format("the newest {} is of {}: too old", pl.lit(id), "at")),
    )
    columns = [*AT, "value", "at", "base_at", "basis", "known_at"]
    return rows.with_columns(lacking.alias("lacking")).select(*columns, "lacking")


def _of_proxies(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Give rows of the traded proxies to the indices that they trade for."""
    return rows.rename({"subject": "proxy"}).join(_proxies(), on="proxy").drop("proxy")


def _proxies() -> pl.LazyFrame:
    return pl.LazyFrame({"subject": list(PROXIES), "proxy": list(PROXIES.values())})


def _refusal(inputs: Inputs) -> pl.LazyFrame:
    holds = pl.col("value") == STATES.index("REFUSE")
    return _newest(inputs, "refusal").with_columns(holds.alias("holds"))


def _acceptance(inputs: Inputs) -> pl.LazyFrame:
    """Set the proxy's close against the middle of the value area that the verdict is about."""
    area = ["subject", "base_at"]
    high, low = (inputs[f"structure.{b}"].select(*area, pl.col("value").alias(b)) for b in ("vah", "val"))
    close = inputs["price.close@session"].select(*AT, pl.col("value").alias("close"))
    rows = _newest(inputs, "acceptance").join(high, on=area, how="left").join(low, on=area, how="left")
    placed = rows.join(close, on=AT, how="left")
    upper = pl.col("close") > (pl.col("vah") + pl.col("val")) / 2
    balanced = pl.col("value") == VERDICTS.index("BALANCE")
    holds = pl.when(balanced).then(upper).otherwise(pl.col("value") == VERDICTS.index("ACCEPTANCE"))
    unplaced = reason((holds.is_null(), "no close in table bars to set against the middle of the value area"))
    return _of_proxies(
        placed.with_columns(holds.alias("holds"), pl.coalesce("lacking", unplaced).alias("lacking")).drop(
            "vah", "val", "close"
        )
    )


def _cheap_volatility(inputs: Inputs) -> pl.LazyFrame:
    rows = _newest(inputs, "cheap_volatility").drop("subject").join(_proxies().select("subject"), how="cross")
    return rows.with_columns((pl.col("value") <= CHEAP).alias("holds"))


def _persistence(inputs: Inputs) -> pl.LazyFrame:
    return _newest(inputs, "persistence").with_columns((pl.col("value") >= STREAK).alias("holds"))


def conditions(inputs: Inputs) -> pl.LazyFrame:
    """Give every session of every index with its four conditions.

    Returns
    -------
    LazyFrame
        ``subject, session, known_at`` (of all that is known), and for each condition X ``X`` (whether it holds),
        ``X_at`` (date of the value)``, X_basis, X_lacking`` (why it is not known).
    """
    found = {
        "refusal": _refusal(inputs),
        "acceptance": _acceptance(inputs),
        "cheap_volatility": _cheap_volatility(inputs),
        "persistence": _persistence(inputs),
    }
    frame = inputs["closes"].group_by(AT).agg(pl.col("known_at").min())
    for name, rows in found.items():
        own = rows.select(
            *AT,
            pl.when(pl.col("lacking").is_null()).then("holds").alias(name),
            *(pl.col(c).alias(f"{name}_{c}") for c in ("at", "basis", "lacking", "known_at")),
        )
        frame = frame.join(own, on=AT, how="left")
    none = {f"{n}_lacking": pl.lit(f"no {id} is known yet") for n, id in SOURCES.items()}
    unknown = [pl.when(pl.col(f"{n}_at").is_null()).then(none[f"{n}_lacking"]) for n in SOURCES]
    return frame.with_columns(
        pl.max_horizontal("known_at", *(f"{n}_known_at" for n in SOURCES)).alias("known_at"),
        *(pl.coalesce(f"{n}_lacking", u).alias(f"{n}_lacking") for n, u in zip(SOURCES, unknown, strict=True)),
    ).sort(AT)


READS = frozenset({f"{id}@session" for id in (*SOURCES.values(), "price.close")})


@metrics(*FLAGS.values(), COUNT, reads=READS | {"closes", "structure.vah", "structure.val"})
def fragile(inputs: Inputs) -> pl.LazyFrame:
    """Give the four flags and how many hold."""
    frame = conditions(inputs)
    flags = [
        panel_rows(
            frame,
            metric.id,
            pl.col(name),
            null=pl.col(f"{name}_lacking"),
            basis=pl.col(f"{name}_basis"),
            base=pl.col(f"{name}_at"),
            n=None,
            coverage=None,
            at="session",
        )
        for name, metric in FLAGS.items()
    ]
    known = pl.sum_horizontal(pl.col(n).is_not_null().cast(pl.Int64) for n in FLAGS)
    holding = pl.sum_horizontal(pl.col(n).fill_null(False).cast(pl.Int64) for n in FLAGS)
    named = pl.concat_str(
        [pl.when(pl.col(n)).then(pl.lit(n)) for n in FLAGS], separator=", ", ignore_nulls=True
    ).replace("", "none")
    none = reason((known == 0, "none of the four conditions is known"))
    text = pl.when(known > 0).then(named)
    whole = panel_rows(
        frame,
        COUNT.id,
        holding,
        null=none,
        basis=pl.col("refusal_basis"),
        n=known,
        coverage=known / len(FLAGS),
        text=text,
        at="session",
    )
    return pl.concat([*flags, whole])
