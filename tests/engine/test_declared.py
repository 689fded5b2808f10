"""Whoever comes in by the engine finds the metrics of evidence declared, and no slow library loaded for it."""

import subprocess
import sys

SCRIPT = """
import sys
import overshort.engine.moment
from overshort.metrics import registry
ids = [i for i in registry() if i.startswith("probability.")]
slow = sorted({"sklearn", "scipy", "statsmodels", "arch", "plotly"} & {n.partition(".")[0] for n in sys.modules})
print(len(ids), *slow)
"""


def test_the_metrics_of_evidence_are_declared_with_the_engine() -> None:
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["144"], "sixteen events of an index and two of its members, with eight ids each"
