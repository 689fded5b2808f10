"""Measure a busy day of one underlying: flat files of trades and of quotes into a store, and the tape joined of both.

Usage: python bench/quotes.py [--quotes N] [--trades N]
"""

import argparse
import os
import platform
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from pieces import SEED
from spine import BIN, child

CONTRACTS = 1_000
OPEN_NS = 1_750_253_400_000_000_000
"""2025-06-18, 9:30 New York."""
SPAN_NS = 24_300_000_000_000
TICK = 0.05


def names() -> list[str]:
    """Give contracts of ten expiries, fifty strikes and both rights."""
    expiries = [date(2025, 6, 25) + timedelta(days=7 * k) for k in range(10)]
    strikes = [10_000 + 500 * k for k in range(CONTRACTS // 20)]
    return [f"O:VIXW{e:%y%m%d}{r}{s:08d}" for e in expiries for s in strikes for r in "CP"]


def make(folder: Path, quotes: int, trades: int) -> None:
    """Write both files in the order of contract and time, as the vendor's are."""
    rng = np.random.default_rng(SEED)
    weights = 1 / np.arange(1, CONTRACTS + 1) ** 0.7
    own = rng.permutation(names())

    def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
        contract = np.sort(rng.choice(CONTRACTS, rows, p=weights / weights.sum()))
        stamps = OPEN_NS + rng.integers(0, SPAN_NS, rows)
        return contract, stamps[np.lexsort((stamps, contract))]

    contract, at = drawn(quotes)
    bid = np.maximum(0, rng.integers(-2, 120, quotes))
    frame = pl.DataFrame({"ticker": own[contract], "ask_exchange": rng.integers(300, 320, quotes)})
    frame.with_columns(
        ask_price=pl.Series((bid + rng.integers(1, 5, quotes)) * TICK).round(2),
        ask_size=pl.Series(rng.integers(1, 900, quotes)),
        bid_exchange=pl.Series(rng.integers(300, 320, quotes)),
        bid_price=pl.Series(bid * TICK).round(2),
        bid_size=pl.Series(rng.integers(1, 900, quotes)),
        sequence_number=pl.Series(np.arange(quotes) * 7),
        sip_timestamp=pl.Series(at),
    ).write_csv(folder / "quotes.csv")
    contract, at = drawn(trades)
    pl.DataFrame(
        {
            "ticker": own[contract],
            "conditions": rng.choice([209, 219, 227, 232], trades),
            "correction": np.zeros(trades, dtype=np.int64),
            "exchange": rng.integers(300, 320, trades),
            "price": pl.Series(rng.integers(1, 120, trades) * TICK).round(2),
            "sip_timestamp": at,
            "size": rng.integers(1, 400, trades),
        }
    ).write_csv(folder / "trades.csv")


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=5_000_000)
    parser.add_argument("--trades", type=int, default=300_000)
    options = parser.parse_args()
    overshort = str(BIN / "overshort")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, Polars {pl.__version__}\n")
    print("| what | time | peak memory |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder, home = Path(scratch), Path(scratch) / "store"
        make(folder, options.quotes, options.trades)
        tape = [overshort, "tape", "VIX", "--as-of", "2025-06-19", "--json"]
        for name, command in {
            "import of the trades": [overshort, "import", str(folder / "trades.csv")],
            "tape, no quotes yet": tape,
            "import of the quotes": [overshort, "import", str(folder / "quotes.csv")],
            "tape, quotes joined, no panel cached": tape,
            "tape, panel cached": tape,
            "the quotes again, nothing new": [overshort, "import", str(folder / "quotes.csv")],
        }.items():
            seconds, megabytes = child(command, home)
            print(f"| {name} | {seconds:.1f} s | {megabytes:,.0f} MB |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
