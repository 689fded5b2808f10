"""The probability of covering: dated, with a written event, a base rate and an interval; every ``probability`` metric.

Three inputs are fitted here without scikit-learn, which in the tests is the oracle; this room alone may import it.
"""

from overshort.evidence.probability import events, figures, ladder, members, walked

__all__ = ["events", "figures", "ladder", "members", "walked"]
