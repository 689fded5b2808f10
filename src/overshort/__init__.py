"""How crowded the short side of U.S. equities is, and whether price confirms it."""

__version__ = "0.1.0"

__all__ = ["__version__"]
