"""How crowded the shorts are, and whether the aggregations agree."""

from overshort.engine.figures import Figure
from overshort.engine.panel import KINDS
from overshort.surfaces.claims.sentence import Claim, Own, claim, valued
from overshort.surfaces.words import WINDOWS, number, subject_name

__all__ = ["AGGREGATIONS", "WEIGHTING", "disagreement", "level", "weighting"]

AGGREGATIONS = {
    "change": "split-clean chain",
    "ex_largest_change": "chain without its largest contributor",
    "median_change": "median member",
    "sum_change": "plain sum of shares",
    "naive_change": "the raw columns as they stand",
}
_AGGREGATE = "high aggregate short interest has preceded lower, not higher, returns (Rapach, Ringgenberg and Zhou 2016)"
_STOCK = (
    "heavily shorted stocks have earned less, not more, than others on average (Desai, Ramesh, Thiagarajan and "
    "Balachandran 2002)"
)
WEIGHTING = "depends on weighting"


def _sign(figure: Figure) -> int:
    return (figure.value > 0) - (figure.value < 0) if isinstance(figure.value, int | float) else 0


def _aggregations(own: Own, window: str) -> list[tuple[str, Figure]]:
    pairs = ((words, own.get(f"crowding.{name}_{window}")) for name, words in AGGREGATIONS.items())
    return [(words, f) for words, f in pairs if f is not None and f.value is not None]


def disagreement(own: Own, window: str) -> list[tuple[str, Figure]]:
    """Give the aggregations of a window when they differ in sign, else nothing."""
    found = _aggregations(own, window)
    signs = {_sign(f) for _, f in found} - {0}
    return found if len(signs) > 1 else []


def weighting(subject: str, own: Own, window: str) -> Claim | None:
    """Say that the sign of a change depends on weighting, where it does."""
    found = disagreement(own, window)
    if not found:
        return None
    parts = ", ".join(f"{words} {number(f)}" for words, f in found)
    span = f"from {found[0][1].base_date} to {found[0][1].at}"
    whose = f"The change of short interest of {subject_name(subject)}"
    return claim(
        f"crowding.weighting_{window}/{subject}",
        f"{whose} {WINDOWS[window]}, {span}, {WEIGHTING}: {parts}.",
        [f for _, f in found],
        verdict=WEIGHTING,
        counter="an aggregation of the other sign stands beside each one",
        falsifier="all five aggregations share one sign",
    )


def level(subject: str, own: Own) -> Claim | None:
    """Say where the chain stands in its own five years."""
    found = valued(own, "crowding.rank_5y", "crowding.change_12m")
    if found is None:
        return None
    rank, change = found
    return claim(
        f"crowding.level/{subject}",
        f"Short interest of {subject_name(subject)} at {rank.at} stands at percentile {number(rank)} of the "
        f"{rank.n} reports before it ({number(change)} since {change.base_date}, split-clean chain).",
        found,
        verdict="measured",
        counter=_AGGREGATE if subject in KINDS else _STOCK,
    )
