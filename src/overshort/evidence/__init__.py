"""What followed earlier times, and how probable it is now: metrics of its own, and studies of a panel."""

from overshort.evidence import outcomes, probability, scoring, squeezes

__all__ = ["outcomes", "probability", "scoring", "squeezes"]
