"""The client with 100,000 products, part by part, each in a process of its own."""

from tests.benchmarks.child import heard_all, say
from tests.benchmarks.client_shop import made_shop
from tests.benchmarks.result import BenchResult

PARTS = ("client_sale", "client_kiosk", "client_merchant", "client_start", "client_import")


def run() -> list[BenchResult]:
    """All figures of the client; the shop with its products is made at the first run and kept."""
    say("the shop with 100,000 products")
    made_shop()
    return heard_all(PARTS)
