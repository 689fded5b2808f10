"""What time and price cost those who are short: average entry, mark, cost and pressure."""

from overshort.metrics.carry import cohorts, cost, marks, pressure, prices, profit

__all__ = ["cohorts", "cost", "marks", "pressure", "prices", "profit"]
