"""The securities: what they are called, where they trade, how large they are, and when they split."""

from dataclasses import dataclass

import numpy as np

from overshort.demo import names
from overshort.demo.grid import EXTRA, Bools, Floats, Grid, Ints
from overshort.demo.script import MEGA_SPLIT

__all__ = ["FUND", "LARGE", "MEGA", "NASDAQ_LARGE", "OTC", "SMALL", "Split", "Universe", "make_universe"]

LARGE, NASDAQ_LARGE, SMALL, FUND, OTC = range(5)
MEGA = 0
"""Place of the largest Nasdaq-100 name."""
EXCHANGE = {"NNM": "R", "SC": "R", "NYSE": "A", "AMEX": "B", "ARCA": "E", "BZX": "H", "OTC": "S"}
FORWARD_LARGE = (2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 1.5)
FORWARD_SMALL = (2.0, 3.0, 1.5)
HEAVY = 0.42
"""Short position of the most shorted small caps, as a fraction of shares outstanding."""
REVERSE = (1 / 5, 1 / 10, 1 / 20, 1 / 8)


@dataclass(frozen=True, slots=True)
class Split:
    """New shares per old for one stock, effective at the open of session ``day`` within cycle ``cycle``."""

    stock: int
    cycle: int
    day: int
    ratio: float
    tabled: bool


@dataclass(frozen=True, slots=True)
class Universe:
    """The securities in a fixed order: Nasdaq large caps, other large caps, small caps, funds, over the counter.

    ``listed`` and ``gone`` are sessions (``gone`` exclusive); ``priced`` is the first session with a bar, past the
    end where there are none.  ``outstanding`` and ``short`` (as a fraction of it) are in units of the first session.
    """

    symbols: list[str]
    market: list[str]
    group: Ints
    listed: Ints
    gone: Ints
    priced: Ints
    outstanding: Floats
    free: Floats
    short: Floats
    turnover: Floats
    beta: Floats
    target: Floats
    splits: list[Split]
    factor: Floats

    @property
    def exchange(self) -> list[str]:
        return [EXCHANGE[m] for m in self.market]

    def of(self, *groups: int) -> Ints:
        """Give the places of the securities of some groups."""
        return np.flatnonzero(np.isin(self.group, groups))

    def supply(self, days: int) -> Floats:
        """Give shares outstanding, session by security, in units of the first session: buybacks and dilution."""
        rate = np.array([-0.006, -0.006, 0.035, 0.0, 0.0])[self.group]
        years = (np.arange(days)[:, None] - days) / 252
        out: Floats = self.outstanding * np.exp(rate * years)
        return out

    def alive(self, days: Ints) -> Bools:
        """Tell, day by security, whether it is listed."""
        return (days[:, None] >= self.listed) & (days[:, None] < self.gone)


def _groups(stocks: int) -> Ints:
    large = stocks // 2
    on_nasdaq = round(0.45 * large)
    counts = [on_nasdaq, large - on_nasdaq, stocks - large, max(2, stocks // 20), max(3, stocks // 12)]
    return np.repeat([NASDAQ_LARGE, LARGE, SMALL, FUND, OTC], counts)


def _markets(rng: np.random.Generator, group: Ints) -> list[str]:
    choices = {
        NASDAQ_LARGE: (["NNM"], [1.0]),
        LARGE: (["NYSE"], [1.0]),
        SMALL: (["NNM", "SC", "NYSE", "AMEX"], [0.35, 0.3, 0.2, 0.15]),
        FUND: (["ARCA", "BZX"], [0.6, 0.4]),
        OTC: (["OTC"], [1.0]),
    }
    return [str(rng.choice(choices[g][0], p=choices[g][1])) for g in group.tolist()]


def _lives(rng: np.random.Generator, group: Ints, grid: Grid) -> tuple[Ints, Ints]:
    """Draw the few that are listed late or vanish early."""
    size, never = len(group), len(grid.days)
    listed, gone = np.zeros(size, dtype=np.int64), np.full(size, never, dtype=np.int64)
    small = rng.permutation(np.flatnonzero(group == SMALL)[_unpriced(group) :])
    large = rng.permutation(np.flatnonzero(group <= NASDAQ_LARGE)[1:])
    late = np.concatenate([small[: max(1, size // 30)], large[: max(1, size // 90)]])
    early = np.concatenate([small[len(late) :][: max(1, size // 45)], large[len(late) :][: max(1, size // 90)]])
    listed[late] = rng.integers(int(0.15 * never), int(0.8 * never), len(late))
    gone[early] = rng.integers(int(0.2 * never), int(0.9 * never), len(early))
    return listed, gone


def _unpriced(group: Ints) -> int:
    """Count the small caps, first in their group, of which no vendor has a price."""
    return max(1, int(np.sum(group == SMALL)) // 36)


def _priced(rng: np.random.Generator, group: Ints, grid: Grid) -> Ints:
    """Leave some small caps and everything over the counter without bars, and let the vendor begin some late."""
    never = len(grid.days)
    out = np.where(group == OTC, never, 0)
    small = np.flatnonzero(group == SMALL)
    absent = _unpriced(group)
    out[small[:absent]] = never
    late = rng.permutation(small[absent:])[: max(2, len(small) // 18)]
    out[late] = grid.begin + min(270, (grid.end - grid.begin) // 3)
    return out


def _ratio(rng: np.random.Generator, group: int) -> float:
    reverse = rng.random() < (0.6 if group == SMALL else 0.08)
    forward = FORWARD_SMALL if group == SMALL else FORWARD_LARGE
    return float(rng.choice(REVERSE if reverse else forward))


def _splitters(rng: np.random.Generator, group: Ints, settled: Bools) -> list[int]:
    """Choose who splits: the mega cap first, then small caps without a price, then others."""
    count = max(4, round(0.13 * int(np.sum(group <= SMALL))))
    small, large = np.flatnonzero((group == SMALL) & settled), np.flatnonzero((group <= NASDAQ_LARGE) & settled)
    hidden = small[: min(2, _unpriced(group))]
    others = count - 1 - len(hidden)
    pool = np.setdiff1d(small, hidden)
    picked = [
        rng.permutation(pool)[: round(0.65 * others)],
        rng.permutation(large[1:])[: others - round(0.65 * others)],
    ]
    chosen = [MEGA, *hidden.tolist(), *(int(i) for p in picked for i in p)]
    again = rng.permutation(chosen[1 + len(hidden) :])[: max(1, count // 6)]
    return [*chosen, *again.tolist()]


def _tabled(rng: np.random.Generator, count: int, hidden: int) -> Bools:
    """Let the table have half of the splits: the mega cap's surely, those without a price never."""
    out = np.zeros(count, dtype=np.bool_)
    rest = 1 + hidden + rng.permutation(count - 1 - hidden)
    out[[0, *rest[: (count + 1) // 2 - 1]]] = True
    return out


def _splits(rng: np.random.Generator, group: Ints, settled: Bools, grid: Grid) -> list[Split]:
    who = _splitters(rng, group, settled)
    tabled = _tabled(rng, len(who), min(2, _unpriced(group)))
    newest = len(grid.settlements) - EXTRA - 1
    used: dict[int, int] = {}
    out = []
    for stock, known in zip(who, tabled.tolist(), strict=True):
        cycle = int(rng.integers(4, newest - 1))
        while stock in used and abs(cycle - used[stock]) < 8:
            cycle = int(rng.integers(4, newest - 1))
        ratio = _ratio(rng, int(group[stock]))
        if stock == MEGA:
            cycle, ratio = newest - MEGA_SPLIT, 10.0
        used[stock] = cycle
        day = int(rng.integers(grid.marks[cycle - 1] + 1, grid.marks[cycle] + 1))
        out.append(Split(stock, cycle, day, ratio, known))
    return sorted(out, key=lambda s: (s.stock, s.day))


def _factor(splits: list[Split], days: int, size: int) -> Floats:
    """Give, day by security, the shares that one share of the first session has become."""
    out = np.ones((days, size))
    for split in splits:
        out[split.day :, split.stock] *= split.ratio
    return out


def _by_size(group: Ints, large: float, small: float, fund: float, otc: float) -> Floats:
    return np.array([large, large, small, fund, otc])[group]


def _short(rng: np.random.Generator, group: Ints) -> Floats:
    """Draw the fraction of the shares that is sold short, with a few heavily shorted small caps."""
    level = _by_size(group, 0.022, 0.06, 0.03, 0.002) * np.exp(0.5 * rng.standard_normal(len(group)))
    small = np.flatnonzero(group == SMALL)
    out = np.minimum(level, 0.3)
    out[rng.permutation(small)[: max(1, len(small) // 40)]] = HEAVY
    out[MEGA] = 0.012
    return out


def _outstanding(rng: np.random.Generator, group: Ints, short: Floats) -> Floats:
    """Draw today's shares; the mega cap's so that it holds a twelfth of the group's short position."""
    level = _by_size(group, 6e8, 8e7, 3e7, 2e8) * np.exp(0.6 * rng.standard_normal(len(group)))
    # The heavily shorted are small, or one of them would be a fifth of a small market's index.
    level[short >= HEAVY] *= 0.35
    others = np.flatnonzero(group == NASDAQ_LARGE)[1:]
    level[MEGA] = float(np.sum(level[others] * short[others])) / 11 / short[MEGA]
    return level


def make_universe(rngs: dict[str, np.random.Generator], stocks: int, grid: Grid) -> Universe:
    """Draw the securities of a market with ``stocks`` listed stocks, and some funds and others beside them."""
    group = _groups(stocks)
    rng, size, over = rngs["traits"], len(group), int(np.sum(group == OTC))
    listed, gone = _lives(rngs["lives"], group, grid)
    settled = (listed == 0) & (gone == len(grid.days))
    splits = _splits(rngs["splits"], group, settled, grid)
    factor = _factor(splits, len(grid.days), size)
    short = _short(rng, group)
    target = _by_size(group, 110.0, 24.0, 40.0, 12.0) * np.exp(0.5 * rng.standard_normal(size))
    target[MEGA] = 175.0
    return Universe(
        symbols=names.invent(rngs["names"], size - over, over),
        market=_markets(rngs["markets"], group),
        group=group,
        listed=listed,
        gone=gone,
        priced=_priced(rngs["priced"], group, grid),
        outstanding=_outstanding(rng, group, short) / factor[-1],
        free=_by_size(group, 0.95, 0.78, 1.0, 0.6) * rng.uniform(0.85, 1.0, size),
        short=short,
        turnover=_by_size(group, 0.006, 0.009, 0.02, 0.001) * np.exp(0.4 * rng.standard_normal(size)),
        beta=rng.uniform(0.8, 1.3, size),
        target=target,
        splits=splits,
        factor=factor,
    )
