"""What counts as covering: the events, in words, and where in a window of reports each of them happens.

All windows are counted in reports: 6 are three months, 12 are six.  A window begins at its origin report, whose chain,
threshold and price are known then, and ends with its last report; what happened is known when that one is published,
not earlier even where the threshold was crossed before: to count early hits and wait for the others would count too
many.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from overshort.metrics.ranking import Floats

__all__ = ["EVENTS", "HORIZONS", "LEAST_CYCLES", "Event", "broad", "drifted", "fell"]

HORIZONS: Mapping[str, int] = MappingProxyType({"3m": 6, "6m": 12})
"""Reports in each window."""
LEAST_CYCLES = 24
"""Fewest cycles of a standard deviation, and fewest earlier windows of a percentile."""
BROAD = 0.80
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "cover5": "the chain stands 5 % or more below its level at the origin report",
        "cover10": "the chain stands 10 % or more below its level at the origin report",
        "coversd": "the log chain stands one standard deviation of a cycle's growth × √{reports}, or more, below the "
        f"origin's level carried on at its mean growth (both of all cycles up to the origin, at least {LEAST_CYCLES})",
        "coverbreadth": "the share of the origin's members whose split-clean position fell by 25 % or more at some "
        "report of the window is above the 80th percentile of the same share over all windows closed by the origin",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One covering event of an index.

    Attributes
    ----------
    kind
        cover5, cover10, coversd or coverbreadth.
    window
        3m or 6m.
    up
        Whether price must stand higher too.
    """

    kind: str
    window: str
    up: bool

    @property
    def id(self) -> str:
        return f"probability.{self.kind}_{self.window}{'_up' if self.up else ''}"

    @property
    def reports(self) -> int:
        return HORIZONS[self.window]

    @property
    def words(self) -> str:
        """Say what has to happen."""
        said = _KINDS[self.kind].format(reports=self.reports)
        if self.kind == "coverbreadth":
            price = ", and the index's price at the window's last report is above that at the origin" if self.up else ""
            return f"within {self.reports} reports ({self.window}), {said}{price}"
        price = ", with the index's price above that at the origin" if self.up else ""
        return f"at one or more of the next {self.reports} reports ({self.window}), {said}{price}"


def _every() -> Iterator[Event]:
    for kind in _KINDS:
        for window in HORIZONS:
            yield from (Event(kind, window, up) for up in (False, True))


EVENTS = tuple(_every())


def _ahead(values: Floats, step: int) -> Floats:
    """Give what stands some reports later; NaN past the end."""
    out = np.full(values.size, np.nan)
    if step < values.size:
        out[: values.size - step] = values[step:]
    return out


def _rises(prices: Floats, step: int) -> Floats:
    """Give 1 where the price some reports later is higher, 0 where not, NaN where no feed has both.

    Parameters
    ----------
    prices
        Closes at the reports, one row a feed, the best first.
    """
    out = np.full(prices.shape[1], np.nan)
    for feed in prices[::-1]:
        later = _ahead(feed, step)
        both = np.isfinite(feed) & np.isfinite(later)
        out[both] = later[both] > feed[both]
    return out


def _closed(happened: Floats, chain: Floats, reports: int) -> Floats:
    """Leave unknown what is not over, or has no chain at its end."""
    return np.where(np.isfinite(_ahead(chain, reports)) & np.isfinite(chain), happened, np.nan)


def _any_below(crossed: list[Floats], prices: Floats | None) -> Floats:
    """Give whether a threshold was crossed at any report of a window, price higher at that report where asked."""
    hit = np.zeros(crossed[0].size, dtype=bool)
    unknown = np.zeros(crossed[0].size, dtype=bool)
    for step, own in enumerate(crossed, 1):
        below = own == 1
        higher = np.ones(own.size) if prices is None else _rises(prices, step)
        hit |= below & (higher == 1)
        unknown |= below & np.isnan(higher)
    if prices is not None:
        unknown |= ~np.isfinite(prices).any(axis=0)
    return np.where(hit, 1.0, np.where(unknown, np.nan, 0.0))


def fell(chain: Floats, fraction: float, reports: int, prices: Floats | None = None) -> Floats:
    """Tell of every origin whether the chain fell by a fraction or more within a window: 1, 0, NaN where not known."""
    crossed = [(_ahead(chain, j) <= (1 - fraction) * chain).astype(np.float64) for j in range(1, reports + 1)]
    return _closed(_any_below(crossed, prices), chain, reports)


def drifted(chain: Floats, reports: int, prices: Floats | None = None) -> Floats:
    """Tell of every origin whether the log chain fell one s.d. × √reports below its own drift within a window."""
    logs = np.log(chain)
    growth = np.diff(logs)
    mean, off = np.full(chain.size, np.nan), np.full(chain.size, np.nan)
    for k in range(LEAST_CYCLES, chain.size):
        mean[k], off[k] = growth[:k].mean(), growth[:k].std(ddof=1) * np.sqrt(reports)
    crossed = [(_ahead(logs, j) - logs <= j * mean - off).astype(np.float64) for j in range(1, reports + 1)]
    return np.where(np.isfinite(mean), _closed(_any_below(crossed, prices), chain, reports), np.nan)


def broad(shares: Floats, reports: int, prices: Floats | None = None) -> Floats:
    """Tell of every origin whether the share of members that covered was above the percentile known at the origin.

    Parameters
    ----------
    shares
        Share of each origin's members that fell within its window; NaN where the window is not over.
    """
    out = np.full(shares.size, np.nan)
    higher = np.ones(shares.size) if prices is None else _rises(prices, reports)
    for k, share in enumerate(shares):
        earlier = shares[: max(k - reports + 1, 0)]
        earlier = earlier[np.isfinite(earlier)]
        if earlier.size >= LEAST_CYCLES and np.isfinite(share) and np.isfinite(higher[k]):
            out[k] = share > np.quantile(earlier, BROAD) and higher[k] == 1
    return out
