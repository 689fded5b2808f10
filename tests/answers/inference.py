"""The rule that infers split ratios, written again in plain Python from its description; it imports no overshort.

Best is the common ratio with the least ``2 |log(position / (previous x r))| + |log(adv / (adv before x r))| +
prior / 2``, the second term left out where a volume is missing or 0; of equal ones the smallest ratio.
"""

from math import log

__all__ = ["COMMON", "inferred"]

RARITY = {
    0.0: "2 1/10",
    0.2: "1/20",
    0.4: "3 4 10 1/5 1/15 1/25 1/30",
    0.6: "1.5 5 1/4 1/8 1/40 1/50 1/100",
    0.9: "20 1/2 1/3 1/6 1/7 1/12 1/35 1/60",
    1.0: "1 1.25",
    1.2: "6 7 8 15 1/75 1/80 1/150 1/200 1/250 1/300",
    1.4: "1.05 1.1 1.2 4/3 25 30 50 1/9 1/16 1/18 1/22 1/45 1/70 1/90 1/120 1/125 1/160",
    1.6: "2.5 12 40 100 1/65 1/500 1/1000",
}


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


COMMON = {_number(text): rarity for rarity, texts in RARITY.items() for text in texts.split()}


def _cost(ratio: float, position: float, previous: float, adv: float | None, before: float | None) -> float:
    cost = 2 * abs(log(position / previous) - log(ratio)) + COMMON[ratio] / 2
    if adv and before:
        cost += abs(log(adv / before) - log(ratio))
    return cost


def inferred(position: float, previous: float, adv: float | None, before: float | None) -> tuple[float, float]:
    """Give the best ratio, new shares per old, and the second best."""
    ordered = sorted(COMMON, key=lambda r: (_cost(r, position, previous, adv, before), r))
    return ordered[0], ordered[1]
