"""Whether price confirms the shorts or refuses them."""

from overshort.metrics.refusal import absorption, states

__all__ = ["absorption", "states"]
