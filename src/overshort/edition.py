"""Which edition of the program this is: the one place that says it, read by the build too."""

__all__ = ["__version__"]

__version__ = "0.1.0"
