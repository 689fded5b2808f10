"""Write ``crowding_2025-06-13.json``: the main figures of that report, by DuckDB from the publishers' files.

Run it when a definition changes:

    python tests/answers/make_crowding.py ../shared/data
"""

import json
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from answers import oracle

SETTLEMENT = date(2025, 6, 13)
GOLDEN = Path(__file__).with_name(f"crowding_{SETTLEMENT}.json")
SOURCE = (
    "Derived figures, no rows: computed by tests/answers/oracle.py from FINRA's consolidated short interest of "
    "2017-12-29 to 2025-06-13, public lists of S&P 500 and Nasdaq-100 members, the iShares Russell 2000 ETF's holdings "
    "of 2025-05-13, and split ratios."
)
Answers = dict[str, dict[str, float]]


def answers(data: Path) -> Answers:
    """Give value by subject and id, to 13 significant digits."""
    with oracle.connected(data) as con:
        found = oracle.figures(con)
    own = {(subject, id): value for (id, subject, s), (value, _) in found.items() if s == SETTLEMENT}
    return {who: {i: float(f"{own[who, i]:.13g}") for w, i in sorted(own) if w == who} for who in oracle.ALL}


if __name__ == "__main__":
    whole = {"source": SOURCE, "settlement": str(SETTLEMENT), "figures": answers(Path(sys.argv[1]))}
    GOLDEN.write_text(json.dumps(whole, indent=1) + "\n")
