"""Runs benchmarks by name and prints each figure beside its target: ./run bench [name]."""

import argparse
import importlib
import os
import platform
import sys
from pathlib import Path

import msgspec

from tests.benchmarks.result import BenchResult, peak_memory_mib

SUITES = {
    "pricing": "tests.benchmarks.pricing",
    "client": "tests.benchmarks.client",
    "sync": "tests.benchmarks.sync",
}


def main() -> int:
    """Run the named suites, all without a name; a missed target is printed, not an error."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[*SUITES, []], help="suites; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    wanted = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    results: list[BenchResult] = []
    for name in wanted.name or SUITES:
        suite = importlib.import_module(SUITES[name])
        print(f"\n{name}")
        for result in suite.run():
            results.append(result)
            print(line_of(result))
    print(f"\npeak memory of this process: {peak_memory_mib():.0f} MiB")
    if wanted.json is not None:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0


def line_of(result: BenchResult) -> str:
    """One figure as a line of the table."""
    sign = "≤" if result.better == "lower" else "≥"
    target = "" if result.target is None else f"target {sign} {result.target:g}"
    verdict = {True: "met", False: "MISSED", None: ""}[result.is_met]
    ceiling = "" if result.ceiling is None else f"ceiling {result.ceiling:g}"
    return (
        f"  {result.name:<46} {result.median:>12,.3f} {result.unit:<10}"
        f" [{result.min:,.3f} … {result.max:,.3f}] x{result.runs:<4}"
        f" {target:<18} {verdict:<7} {ceiling}"
    )


if __name__ == "__main__":
    sys.exit(main())
