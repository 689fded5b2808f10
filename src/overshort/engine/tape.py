"""One session's option tape: its figures, and the trades behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from overshort.engine.execute import check, tape_panel
from overshort.engine.figures import Figure, figures, select
from overshort.engine.moment import Moment
from overshort.engine.panel import panel, traded, underlyings
from overshort.engine.quoted import quoted
from overshort.errors import NothingToShow
from overshort.metrics.tape import signed
from overshort.metrics.tape.cells import preference
from overshort.metrics.tape.minutes import minutes
from overshort.metrics.tape.sides import dollars
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["Tape", "tape"]

_TABLES = ("option_trades", "option_quotes")


@dataclass(frozen=True)
class Tape:
    """The newest session of an underlying whose tape was whole at a moment.

    Attributes
    ----------
    figures
        By id.
    trades
        The rows of table ``option_trades`` that count, their quotes joined where they came without, with ``joined``,
        ``side``, ``near`` and ``premium`` (USD), largest premium first.
    minutes
        What was bought and sold of them so far, as :func:`~overshort.metrics.tape.minutes.minutes` sums it; no row
        where nothing bought can be told, for want of quotes or sale conditions.
    others
        How many rows of the session other vendors have, which are not counted.
    """

    subject: str
    session: date
    figures: Mapping[str, Figure]
    trades: pl.DataFrame
    minutes: pl.DataFrame
    others: Mapping[str, int]


def tape(lake: Lake, subject: str, moment: Moment, executor: str | None = None) -> Tape:
    """Give the tape of an underlying.

    Parameters
    ----------
    executor
        Where each session is added up, one of :data:`~overshort.engine.execute.EXECUTORS`; all of them here in one
        query where left out.

    Raises
    ------
    UsageError
        If ``executor`` names none, or no cluster answers there.
    NothingToShow
        If the store has no option trade of it, or none of a session that was over by then.
    """
    if executor is not None:
        check(executor)
    if not traded(lake, [subject]):
        raise NothingToShow(
            f"the store has no option trade of {subject}; import a tape of Cboe DataShop, ThetaData, Databento or "
            "Massive, whose underlying it is"
        )
    scope = underlyings([subject])
    rows = panel(lake, scope, None if executor is None else lambda tables: tape_panel(lake, scope, tables, executor))
    found = select(figures(rows, moment.instant, simulated=lake.simulated), subject)
    if "tape.trades" not in found:  # what a chain alone tells is no tape
        first = min(rows.filter(pl.col("id") == "tape.trades")["at"].dt.date())
        raise NothingToShow(
            f"no tape of {subject} was whole by {moment.day}: the first on file is of {first}; give a later --as-of"
        )
    at = found["tape.trades"].at
    found, session = {i: f for i, f in found.items() if f.at == at}, date.fromisoformat(at)
    rows, others = _signed(lake, subject, session, moment)
    told = found["tape.bought_calls"].value is not None
    return Tape(subject, session, found, _trades(rows), minutes(rows.lazy()).collect() if told else _none(rows), others)


def _none(rows: pl.DataFrame) -> pl.DataFrame:
    return minutes(rows.clear().lazy()).collect()


def _trades(rows: pl.DataFrame) -> pl.DataFrame:
    order = ["premium", "ts_ns", "contract", "sequence", "row"]
    largest = rows.sort(order, descending=[True, False, False, False, False])
    return largest.with_columns(dollars("premium").alias("premium"))


def _signed(lake: Lake, subject: str, session: date, moment: Moment) -> tuple[pl.DataFrame, dict[str, int]]:
    own = {n: lake.scan(n).filter(pl.col("underlying") == subject, pl.col("session") == session) for n in _TABLES}
    trades = asof.newest(own["option_trades"], "option_trades", moment.instant)
    rows = signed(quoted(trades, asof.known(own["option_quotes"], moment.instant))).collect()
    vendors = rows.group_by("vendor").len("rows").sort(*preference())
    counted, *rest = vendors.iter_rows()
    return rows.filter(pl.col("vendor") == counted[0]), dict(rest)
