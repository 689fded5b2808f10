"""Measure the real files' way: import, brief cold and warm, as HTML, start-up, the demo; print medians and memory.

Usage: python bench/spine.py [FOLDER_OF_DATA] [--runs N]
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BIN = Path(sys.executable).parent
DATA = Path(__file__).parents[1].parent / "shared" / "data"
CONSOLIDATED = "finra/consolidated_20171229_20250613.parquet"


def child(command: list[str], home: Path) -> tuple[float, float]:
    """Run a command; give wall seconds and peak resident megabytes of that process."""
    environment = os.environ | {"OVERSHORT_HOME": str(home)}
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def median(name: str, runs: int, once: Callable[[], tuple[float, float]]) -> None:
    """Repeat, print the median time and the largest memory."""
    found = [once() for _ in range(runs)]
    seconds = statistics.median(s for s, _ in found)
    print(f"| {name} | {seconds:.2f} s | {max(m for _, m in found):,.0f} MB | {runs} |", flush=True)


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if not (options.data / CONSOLIDATED).is_file():
        raise SystemExit(f"{options.data / CONSOLIDATED} is not there; name the folder of real files")
    overshort = str(BIN / "overshort")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | median | peak memory | runs |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "store"
        brief = [overshort, "brief", "--as-of", "2025-06-30", "--json"]

        def fresh_import(*names: str) -> tuple[float, float]:
            shutil.rmtree(home, ignore_errors=True)
            return child([overshort, "import", *(str(options.data / n) for n in names)], home)

        def cold() -> tuple[float, float]:
            shutil.rmtree(home / "cache", ignore_errors=True)
            return child(brief, home)

        python = [sys.executable, "-c", "import polars"]
        median("`python -c 'import polars'`", 2 * options.runs, lambda: child(python, home))
        median("`overshort --help`", 2 * options.runs, lambda: child([overshort, "--help"], home))
        median("import of the 3.3 M rows into an empty store", 3, lambda: fresh_import(CONSOLIDATED))
        median("import of the whole data folder", 3, lambda: fresh_import("."))
        again = [overshort, "import", str(options.data)]
        median("the whole folder again, nothing new", 3, lambda: child(again, home))
        median("brief, no panel cached", options.runs, cold)
        median("brief, panel cached", options.runs, lambda: child(brief, home))
        page = [*brief[:-1], "--output", str(Path(scratch) / "brief.html")]
        median("brief as one HTML file, panel cached", options.runs, lambda: child(page, home))
        since = [*brief, "--since-last"]
        median("brief with what changed since the report before", options.runs, lambda: child(since, home))
        stock = [overshort, "figures", "--subject", "GME", "--as-of", "2021-01-29"]

        def cold_stock() -> tuple[float, float]:
            shutil.rmtree(home / "cache", ignore_errors=True)
            return child(stock, home)

        median("figures of one stock, no panel cached", options.runs, cold_stock)

        def demo() -> tuple[float, float]:
            beside = Path(scratch) / "none"
            shutil.rmtree(beside.with_name("none-demo"), ignore_errors=True)
            return child([overshort, "brief", "--demo-if-missing", "--output", page[-1]], beside)

        median("the demo from nothing: market, brief, HTML file", 3, demo)


if __name__ == "__main__":
    main()
