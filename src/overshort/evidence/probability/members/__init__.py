"""How probable it is that single members cover, pooled over an index's members: the ladder once more."""

from overshort.evidence.probability.members import cells, falls, ladder, pooled, scores, walk, windows

__all__ = ["cells", "falls", "ladder", "pooled", "scores", "walk", "windows"]
