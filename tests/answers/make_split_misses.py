"""Write ``split_misses.json``: the splits on file that inference alone does not find.

Run it after a change of the rule:

    python tests/answers/make_split_misses.py ../shared/data

Source of the ratios: the split list in the folder of real files (facts); of positions and volumes: FINRA.
"""

import json
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from answers.inference import inferred
from answers.oracle import CONSOLIDATED, REPORTS, ROWS, SPLITS

GOLDEN = Path(__file__).with_name("split_misses.json")
LISTED = """
select t.symbol, t.settlement_date, t.ratio_new_per_old, f.pos, f.prev, f.adv, b.adv
from read_csv(?) t join filings f on f.symbol = t.symbol and f.s = t.settlement_date join reports r on r.s = f.s
    left join reports q on q.k = r.k - 1 left join filings b on b.symbol = f.symbol and b.s = q.s
order by 2, 1
"""
Miss = dict[str, str | float]


def listed(data: Path) -> list[tuple[str, str, float, tuple[float, float, float | None, float | None]]]:
    """Give symbol, settlement and true ratio of every split on file, with the numbers that inference reads."""
    with duckdb.connect() as con:
        con.execute(ROWS, [str(data / CONSOLIDATED)])
        con.execute(REPORTS)
        rows = con.execute(LISTED, [str(data / SPLITS)]).fetchall()
    return [(symbol, str(day), float(ratio), tuple(rest)) for symbol, day, ratio, *rest in rows]


def misses(data: Path) -> list[Miss]:
    """Give the splits that the plain rule gets wrong, with its best ratio and its runner-up."""
    out: list[Miss] = []
    for symbol, day, ratio, numbers in listed(data):
        best, second = inferred(*numbers)
        if best != ratio:
            out.append({"symbol": symbol, "settlement": day, "ratio": ratio, "inferred": best, "runner_up": second})
    return out


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(misses(Path(sys.argv[1])), indent=1) + "\n")
