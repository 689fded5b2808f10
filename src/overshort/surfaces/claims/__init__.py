"""Sentences of the brief as claim objects: each carries the figures it was written from."""

from overshort.surfaces.claims.all import claims

__all__ = ["claims"]
