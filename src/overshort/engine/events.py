"""From the words of a claim to the flag that it names, with what was known when.

Every study resolves its claim here: :func:`flagged` is the one place where a further kind of name is added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from overshort.engine.moment import Moment
from overshort.engine.studies import Known
from overshort.engine.theses import boolean_panel, library
from overshort.errors import UsageError
from overshort.metrics.declare import Metric, metric, registry
from overshort.metrics.prices import PROXIES
from overshort.metrics.refusal.states import STATES
from overshort.sessions import NEW_YORK
from overshort.thesis.claim import Thesis

__all__ = ["FAMILIES", "Flagged", "claims_of", "flagged", "readable"]

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fragile": ("fragile.count>=3", "fragile.count=4"),
        "refusal": tuple(f"refusal.state_3m={s}" for s in STATES if s != "FLAT"),
    }
)
"""Names for several claims that are tested together."""
_COMPARED = re.compile(r"^([a-z0-9_.]+)\s*(>=|<=|!=|=|>|<)\s*(\S+)$")
_FORMS = (
    "a flag (volatility.cycle_low), a state (refusal.state_3m=REFUSE), a comparison (crowding.rank_5y>=95), "
    f"one of {', '.join([*FAMILIES, 'members', 'momentum', 'replication', 'persistence.streak'])}, or a packaged "
    "thesis, which `overshort thesis` lists"
)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A claim as a flag over time.

    Attributes
    ----------
    claim
        As it was read: id, comparison, value.
    subject
        What it is measured for; the outcomes are those of the index asked for.
    grid
        Of its values, as a metric's: ``report``, ``session``, ….
    definition
        One or two sentences for the page.
    rows
        ``at`` (date), ``decided`` (when first known, UTC), ``holds``, ascending; a value counts as it was first known.
    """

    claim: str
    subject: str
    grid: str
    definition: str
    rows: pl.DataFrame


def claims_of(text: str) -> tuple[str, ...]:
    """Give the claims that a name stands for; a claim stands for itself."""
    return FAMILIES.get(text, (text,))


def flagged(known: Known, text: str, subject: str) -> Flagged:
    """Read a claim and give its flag.

    Parameters
    ----------
    text
        A flag's id, ``ID=STATE``, ``ID OP NUMBER`` with OP one of ``>= > = != < <=``, or the name of a packaged thesis.
    subject
        Index whose proxy is traded: SPX, NDX or RUT.

    Raises
    ------
    UsageError
        If the text is none of these.
    UnknownMetric
        If no metric has the id.
    """
    if text in library():
        return _of_thesis(known, library()[text], subject)
    id, op, value = _parted(text)
    declared = metric(id)
    own = _subject(declared, subject)
    rows = known.first(id, own)
    holds = _comparison(declared, op, value)
    possible = _possible(declared, rows, op, value)
    found = rows.filter(possible).select("at", pl.col("known_at").alias("decided"), holds.alias("holds"))
    return Flagged(f"{id}{op}{value}", own, declared.grid, declared.definition, found)


def _of_thesis(known: Known, thesis: Thesis, subject: str) -> Flagged:
    """Give a thesis as a flag: it is decided at a session's close, by what was known then."""
    moment = Moment(known.as_of.astimezone(NEW_YORK).date(), known.as_of)
    whole = boolean_panel(known.panel, thesis, subject, moment).filter(pl.col("value").is_not_null())
    rows = whole.select(
        pl.col("at").cast(pl.Date), pl.col("known_at").alias("decided"), (pl.col("value") == 1).alias("holds")
    )
    return Flagged(thesis.name, subject, "session", thesis.text, rows)


def readable(text: str, subject: str) -> None:
    """Refuse what :func:`flagged` would refuse, without looking at any value.

    Raises
    ------
    UsageError, UnknownMetric
        As that does.
    """
    if text in library():
        return
    id, op, value = _parted(text)
    declared = metric(id)
    _subject(declared, subject)
    _comparison(declared, op, value)


def _parted(text: str) -> tuple[str, str, str]:
    if (found := _COMPARED.match(text.strip())) is not None:
        return found[1], found[2], found[3]
    if text in registry():
        return text, "", ""
    near = [i for i in registry() if text and text in i]
    hint = f"; {near[0]} has that in its name" if near else ""
    raise UsageError(f"{text!r} is no claim or thesis that can be studied{hint}: give {_FORMS}")


def _subject(declared: Metric, index: str) -> str:
    """Give the metric's own subject for an index: itself, its proxy, or the VIX, which belongs to every one."""
    fitting = {"index": index, "proxy": PROXIES[index], "volatility": "VIX"}
    for kind, own in fitting.items():
        if kind in declared.subjects:
            return own
    raise UsageError(
        f"{declared.id} is measured for {', '.join(sorted(declared.subjects))} only, and a study follows the proxy "
        "of an index; give a metric of an index, a proxy or the VIX"
    )


def _comparison(declared: Metric, op: str, value: str) -> pl.Expr:
    if not op:
        if declared.kind != "flag":
            raise UsageError(
                f"{declared.id} is a {declared.kind} and not a flag; say what of it, as {declared.id}>=0 or, for a "
                "state, =NAME"
            )
        return pl.col("value") == 1
    number = _number(declared, op, value)
    column = pl.col("value")
    table = {
        ">=": column >= number,
        ">": column > number,
        "=": column == number,
        "!=": column != number,
        "<": column < number,
        "<=": column <= number,
    }
    return table[op]


def _number(declared: Metric, op: str, value: str) -> float:
    if declared.kind == "state":
        if op not in ("=", "!=") or value not in declared.states:
            raise UsageError(
                f"{op}{value} cannot be asked of {declared.id}, whose states are {', '.join(declared.states)}; give "
                "one of them after = or !="
            )
        return float(declared.states.index(value))
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"{value!r} is no number to compare {declared.id} with; give one, as >=95") from None


def _possible(declared: Metric, rows: pl.DataFrame, op: str, value: str) -> pl.Expr:
    """Keep the rows at which the claim could have held: of a count of conditions, those where enough were known."""
    if declared.id != "fragile.count" or op not in (">=", "="):
        return pl.lit(True)
    return pl.col("n") >= float(value) if rows.height else pl.lit(True)
