"""How crowded the short side of U.S. equities is, and whether price confirms it.

::

    import overshort as osh

    market = osh.open_market()
    market.figures("SPX", as_of="2025-06-30")

Importing this loads no data library; the first use of a name does.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from overshort.edition import __version__

if TYPE_CHECKING:
    from overshort.engine.figures import Figure
    from overshort.errors import NothingToShow, OvershortError, StoreMissing, UsageError
    from overshort.surfaces.notebook import Brief, Figures, Market, Result, open_market

__all__ = [
    "Brief",
    "Figure",
    "Figures",
    "Market",
    "NothingToShow",
    "OvershortError",
    "Result",
    "StoreMissing",
    "UsageError",
    "__version__",
    "open_market",
]

_HOMES = {
    **dict.fromkeys(("Brief", "Figures", "Market", "Result", "open_market"), "overshort.surfaces.notebook"),
    **dict.fromkeys(("NothingToShow", "OvershortError", "StoreMissing", "UsageError"), "overshort.errors"),
    "Figure": "overshort.engine.figures",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
