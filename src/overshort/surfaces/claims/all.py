"""All sentences of a brief, in the order in which they are read."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.engine.figures import Figure, select
from overshort.surfaces.claims import covering, crowding, persistence, price, refusal, volatility
from overshort.surfaces.claims.sentence import Claim
from overshort.surfaces.words import WINDOWS, in_order

__all__ = ["claims"]

_OF_PRICE = (price.verdict, price.compression, price.breadth, price.carry, price.fragile)


def claims(
    found: Iterable[Figure],
    studies: Iterable[Mapping[str, Any]] = (),
    forecasts: Iterable[Mapping[str, Any]] = (),
) -> list[Claim]:
    """Write the brief's sentences; where aggregations differ in sign, that comes first.

    Parameters
    ----------
    studies
        What followed, from :mod:`overshort.engine.studies`: base rates and counter-evidence come from there.
    forecasts
        The probabilities of covering, from :mod:`overshort.engine.forecasts`.
    """
    figures, known, given = list(found), list(studies), list(forecasts)
    owns = {s: select(figures, s) for s in in_order(f.subject for f in figures)}
    written = [
        *(crowding.weighting(s, own, w) for s, own in owns.items() for w in WINDOWS),
        *(crowding.level(s, own) for s, own in owns.items()),
        *(refusal.state(s, own, known) for s, own in owns.items()),
        *(covering.probability(s, own, given) for s, own in owns.items()),
        *(persistence.streak(s, own, known) for s, own in owns.items()),
        *(volatility.cheap(s, own, known) for s, own in owns.items()),
        *(write(s, own) for write in _OF_PRICE for s, own in owns.items()),
    ]
    return [claim for claim in written if claim is not None]
