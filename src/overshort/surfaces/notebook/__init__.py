"""What a notebook asks, and results that show themselves there."""

from overshort.surfaces.notebook.market import Market, open_market
from overshort.surfaces.notebook.result import Brief, Figures, Result

__all__ = ["Brief", "Figures", "Market", "Result", "open_market"]
