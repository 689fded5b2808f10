"""Measure a whole day of option trades: the quote rule, premium in cells, and the join of quotes to trades.

``day``: 12 M trades of 5,000 underlyings, skewed as a day of OPRA is.  The quote rule, the leg class from the sale
condition, single-leg trades kept, premium summed by underlying, side, right and minute; a decode of the columns, our
pass over them, Polars streaming, DuckDB and pandas.  ``join``: to each trade the quote of its contract strictly before
it, from time-ordered files; a decode, our merge, Polars, DuckDB and pandas.  Everything is drawn with a fixed seed.
Every contestant is a process of its own on the same files; answers must be equal in every row.

pandas is given columns that Polars decoded: it has no reader of Parquet of its own.

Usage: python bench/tape.py [--trades N] [--join QUOTES TRADES] [--runs N] [--only NAME ...]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

import tape_day
import tape_join
from pieces import SEED
from tape_day import KEYS, make_day
from tape_join import make_join

CONTESTANTS = {**tape_day.CONTESTANTS, **tape_join.CONTESTANTS}


def sorted_answer(name: str, answer: Any) -> pl.DataFrame:
    """Give an answer in one form: names as text, rows in the order of their keys, missing as null."""
    if isinstance(answer, dict):  # of DuckDB, with masks where something is missing
        answer = pl.DataFrame(
            {c: np.ma.filled(v, np.nan) if v.dtype.kind == "f" else np.asarray(v) for c, v in answer.items()}
        )
    if name.startswith("day"):
        whole = answer.select(pl.col(*KEYS[:3]).cast(pl.String), pl.col("minute", "premium").cast(pl.Int64))
        return whole.select(*KEYS, "premium").sort(KEYS)
    kept = answer.select(pl.col("ts", "contract").cast(pl.Int64), pl.col("bid", "ask").fill_nan(None))
    return kept.sort("ts")


def contest(name: str, folder: Path, runs: int) -> None:
    """Run one contestant in this process: print median seconds and processor seconds, keep a digest of the answer."""
    run = CONTESTANTS[name][1](folder)
    seconds, processor = [], []
    answer: Any = None
    for _ in range(runs):
        answer = None
        started, worked = time.perf_counter(), time.process_time()
        answer = run()
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    memory = int(
        next(s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith("VmHWM")).split()[1]
    )
    if not name.endswith(("decode", "pieces")):
        sorted_answer(name, answer).write_parquet(folder / f"{name}.answer")
    print(json.dumps([statistics.median(seconds), statistics.median(processor), memory / 1024]))


class Found(NamedTuple):
    """Median seconds, median seconds of all cores, peak resident megabytes before answers were sorted."""

    seconds: float
    processor: float
    memory: float


def child(name: str, folder: Path, runs: int) -> Found:
    """Run a contestant in a process of its own."""
    command = [sys.executable, __file__, "--contestant", name, "--folder", str(folder), "--runs", str(runs)]
    return Found(*json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))


def contests(kind: str, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    """Run one contest and give its table."""
    names = [n for n in CONTESTANTS if n.startswith(kind) and n in options.only]
    yield f"\n{kind}; load of the machine before: {os.getloadavg()[0]:.1f}\n"
    yield "| what | median | of the decode | processor | of the decode | peak memory | runs |"
    yield "|---|---|---|---|---|---|---|"
    found: dict[str, Found] = {}
    for name in names:
        found[name] = own = child(name, folder, options.runs)
        base = found[names[0]]
        times = f"{own.seconds:.2f} s | {own.seconds / base.seconds:.1f} | {own.processor:.2f} s"
        rest = f"{own.processor / base.processor:.1f} | {own.memory:,.0f} MB | {options.runs}"
        yield f"| {CONTESTANTS[name][0]} | {times} | {rest} |"
    answers = {n: pl.read_parquet(p) for n in names if (p := folder / f"{n}.answer").exists()}
    first, *others = answers.values()
    same = all(a.equals(first) for a in others)
    yield f"\n{len(answers)} answers of {first.height:,} rows: {'all equal' if same else 'THEY DIFFER'}"
    if not same:
        raise SystemExit("the answers differ")


def main() -> None:
    """Print two Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trades", type=int, default=12_000_000)
    parser.add_argument("--join", type=int, nargs=2, default=[60_000_000, 4_000_000], metavar=("QUOTES", "TRADES"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        contest(options.contestant, options.folder, options.runs)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, Polars {pl.__version__}")
    quotes, trades = options.join
    print(f"synthetic, seed {SEED}: a day of {options.trades:,} trades; {quotes:,} quotes and {trades:,} trades")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for kind, make in (
            ("day", lambda: make_day(folder / "day.parquet", options.trades)),
            ("join", lambda: make_join(folder, quotes, trades)),
        ):
            if any(n.startswith(kind) for n in options.only):
                make()
                for line in contests(kind, folder, options):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
