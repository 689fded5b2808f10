"""What followed, how likely it was, and whether the forecast was any good; its metrics are declared on import."""

from overshort.evidence import squeezes

__all__ = ["squeezes"]
