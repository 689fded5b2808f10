"""A simulated market with known truth: nothing in it is, or is modelled on, a real security.

It emits ordinary tables, so that everything downstream can be tried without a licence, and keeps beside them the
truth that the tables hide, so that everything downstream can be checked.
"""

from overshort.demo.market import Market, describe, simulate
from overshort.demo.truth import Truth

__all__ = ["Market", "Truth", "describe", "simulate"]
