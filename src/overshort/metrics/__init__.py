"""Pure functions from tables to panels, each declared once in the registry."""

from overshort.metrics import (
    crowding,
    members,
    persistence,
    prices,
    refusal,
    splits,
    volatility,
)
from overshort.metrics.declare import Inputs, Metric, Node, intermediate, metric, metrics, nodes, registry

__all__ = [
    "Inputs",
    "Metric",
    "Node",
    "crowding",
    "intermediate",
    "members",
    "metric",
    "metrics",
    "nodes",
    "persistence",
    "prices",
    "refusal",
    "registry",
    "splits",
    "volatility",
]
