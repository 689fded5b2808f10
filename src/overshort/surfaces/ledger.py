"""The ledger of forecasts as a document (schema ``overshort.ledger/1``)."""

from typing import Any

from overshort.engine.forecasts import entries, settled
from overshort.engine.moment import Moment
from overshort.engine.studies import Known
from overshort.errors import NothingToShow
from overshort.store.lake import Lake

__all__ = ["SCHEMA", "ledger_of"]

SCHEMA = "overshort.ledger/1"


def ledger_of(lake: Lake, known: Known, moment: Moment) -> dict[str, Any]:
    """Score every forecast that was written by a moment, live ones and back-tests apart; nothing is written.

    Parameters
    ----------
    known
        What the market's panel said by then.

    Raises
    ------
    NothingToShow
        If there was none.
    """
    rows = entries(lake, known, moment.instant)
    if rows.is_empty():
        raise NothingToShow(
            f"no forecast was in the ledger by {moment.day}; write some with `overshort forecast`, or give a later "
            "--as-of"
        )
    head = {"schema": SCHEMA, "as_of": moment.day.isoformat(), "simulated": lake.simulated}
    return head | {"data_version": lake.version()} | settled(rows, moment.day)
