"""What a metric declares of itself, as a document."""

from dataclasses import asdict
from typing import Any

from overshort.metrics import Metric, nodes

__all__ = ["declaration"]


def declaration(declared: Metric) -> dict[str, Any]:
    """Give a metric's declaration, with the names of what it reads."""
    node = next(n for n in nodes() if declared in n.declares)
    return asdict(declared) | {"subjects": sorted(declared.subjects), "reads": sorted(node.reads)}
