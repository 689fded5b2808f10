"""What was traded in options of an underlying: how much premium, on which side of the quote, in which kind of trade."""

from overshort.metrics.tape import bought, cells, minutes, proxy, rules
from overshort.metrics.tape.cells import LEGS, RIGHTS
from overshort.metrics.tape.sides import SIDES, signed

__all__ = ["LEGS", "RIGHTS", "SIDES", "bought", "cells", "minutes", "proxy", "rules", "signed"]
