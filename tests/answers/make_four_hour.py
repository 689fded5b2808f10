"""Write ``four_hour_early_close_and_dst.json``: SPY's bars of four hours around an early close and clock changes.

From the hourly file with nothing but the standard library; run it when a definition changes:

    python tests/answers/make_four_hour.py ../shared/data
"""

import csv
import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

GOLDEN = Path(__file__).with_name("four_hour_early_close_and_dst.json")
FILE = "prices/SPY_1h_2024-01_2026-01.csv"
SOURCE = (
    "Derived figures, no rows of the file: bars of four hours of SPY's regular session, computed by "
    "tests/answers/make_four_hour.py from Yahoo Finance's hourly bars, 2025."
)
NEW_YORK = ZoneInfo("America/New_York")
CLOSES = {date(2025, 11, 28): time(13)}
"""The New York Stock Exchange's announced early closes among the days below."""
DAYS = {
    "clocks forward on 2025-03-09": ("2025-03-06", "2025-03-07", "2025-03-10", "2025-03-11"),
    "clocks back on 2025-11-02": ("2025-10-30", "2025-10-31", "2025-11-03", "2025-11-04"),
    "early close on 2025-11-28": ("2025-11-25", "2025-11-26", "2025-11-28", "2025-12-01"),
}
Answer = dict[str, object]


def _hours(data: Path) -> list[tuple[datetime, dict[str, str]]]:
    with (data / FILE).open(newline="") as file:
        return [(datetime.fromisoformat(r["timestamp"]), r) for r in csv.DictReader(file)]


def _bar(day: date, start: datetime, end: datetime, hours: list[tuple[datetime, dict[str, str]]]) -> Answer:
    inside = [(at, r) for at, r in hours if start <= at < end]
    covered = sum((min(at + timedelta(hours=1), end) - at for at, _ in inside), timedelta())
    prices = {c: [float(r[c]) for _, r in inside] for c in ("open", "high", "low", "close", "volume")}
    return {
        "session": str(day),
        "start": start.astimezone(UTC).isoformat(),
        "end": end.astimezone(UTC).isoformat(),
        "open": prices["open"][0],
        "high": max(prices["high"]),
        "low": min(prices["low"]),
        "close": prices["close"][-1],
        "volume": sum(prices["volume"]),
        "missing_minutes": (end - start - covered) // timedelta(minutes=1),
    }


def answers(data: Path) -> dict[str, list[Answer]]:
    """Give the bars by occasion."""
    hours = _hours(data)
    found: dict[str, list[Answer]] = {}
    for occasion, days in DAYS.items():
        found[occasion] = []
        for day in map(date.fromisoformat, days):
            opens, noon = (datetime.combine(day, t, NEW_YORK) for t in (time(9, 30), time(13, 30)))
            closes = datetime.combine(day, CLOSES.get(day, time(16)), NEW_YORK)
            found[occasion] += [
                _bar(day, a, b, hours) for a, b in ((opens, min(noon, closes)), (noon, closes)) if a < b
            ]
    return found


if __name__ == "__main__":
    whole = {"source": SOURCE, "symbol": "SPY", "bars": answers(Path(sys.argv[1]))}
    GOLDEN.write_text(json.dumps(whole, indent=1) + "\n")
