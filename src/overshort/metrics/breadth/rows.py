"""What all breadth metrics share: their declaration, and the coverage that they need."""

from typing import Literal

from overshort.metrics.declare import Metric

__all__ = ["LEAST", "declared"]

LEAST = 0.8
"""Smallest share of the members that a figure of the members may rest on."""


def declared(
    name: str,
    unit: str,
    definition: str,
    *,
    null: str,
    lookback: int | None,
    kind: Literal["number", "count"] = "number",
) -> Metric:
    """Declare one breadth metric: once a session, for the indices."""
    return Metric(
        id=f"breadth.{name}",
        kind=kind,
        unit=unit,
        grid="session",
        subjects=frozenset({"index"}),
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )
