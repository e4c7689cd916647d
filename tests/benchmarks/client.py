"""The client with 100,000 products, part by part, each in a process of its own."""

import subprocess
import sys
import time

from tests.benchmarks.child import heard
from tests.benchmarks.client_shop import made_shop
from tests.benchmarks.result import BenchResult

PARTS = ("client_sale", "client_kiosk", "client_merchant", "client_start", "client_import")


def run() -> list[BenchResult]:
    """All figures of the client; the shop with its products is made at the first run and kept."""
    results: list[BenchResult] = []
    _say("the shop with 100,000 products")
    made_shop()
    for part in PARTS:
        _say(part)
        try:
            results += heard(f"tests.benchmarks.{part}")
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            # The other figures are good all the same; what failed has told why.
            _say(f"{part} gave no figures: {error}")
    return results


def _say(what: str) -> None:
    """Tell a person who waits what goes on, apart from the table."""
    sys.stderr.write(f"  {time.strftime('%H:%M:%S')} {what}\n")
