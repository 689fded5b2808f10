"""Which listed stocks stand where a covering would hurt most: components, and their mean percentile."""

from overshort.metrics.squeeze import common_stock, components, score

__all__ = ["common_stock", "components", "score"]
