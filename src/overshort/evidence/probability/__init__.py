"""The probability of covering: dated, with a written event, a base rate and an interval; every ``probability`` metric.

No scikit-learn is needed to fit four inputs; in the tests it is the oracle.  This room alone may import it.
"""

from overshort.evidence.probability import events, figures, ladder, member_falls, pooled, walked

__all__ = ["events", "figures", "ladder", "member_falls", "pooled", "walked"]
