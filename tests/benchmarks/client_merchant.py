"""Searching the back office's product list with 100,000 products: from the key to painted rows."""

import time

from PySide6.QtWidgets import QWidget

from desktop.app import Program
from desktop.ui import tasks
from desktop.workspaces.merchant.places import Place, Screen
from desktop.workspaces.merchant.products.view import ProductsPage
from desktop.workspaces.merchant.window import MerchantWindow
from shared.organization.commands import Workspace
from tests.benchmarks.child import tell
from tests.benchmarks.client_program import PaintWatch, played, press, settle, until
from tests.benchmarks.client_shop import device
from tests.benchmarks.client_words import typed_words
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib, percentile

TARGET_MS = 50.0
RUNS = 5
KEYSTROKES = 60


def figures() -> list[BenchResult]:
    """The product list's figures."""
    with device(Workspace.MERCHANT) as office:
        results = played(office, Workspace.MERCHANT, _story)
    memory = [peak_memory_mib()]
    return [*results, measured("merchant: memory", "MiB", memory, better="lower")]


async def _story(_program: Program, window: QWidget) -> list[BenchResult]:
    assert isinstance(window, MerchantWindow)
    started = time.perf_counter()
    window.go(Place(screen=Screen.PRODUCTS))
    await until(lambda: bool(window.findChildren(ProductsPage)))
    page = window.findChildren(ProductsPage)[0]
    await until(lambda: page.table.rows_model().row_at(0) is not None)
    opened = (time.perf_counter() - started) * 1000
    await settle()
    await _searches(page, 0)
    keys = [await _searches(page, run) for run in range(1, RUNS + 1)]
    return [
        measured(
            "merchant: search key to painted rows, p95",
            "ms",
            [percentile(run, 0.95) for run in keys],
            better="lower",
            target=TARGET_MS,
        ),
        measured(
            "merchant: search key to painted rows, p50",
            "ms",
            [percentile(run, 0.5) for run in keys],
            better="lower",
        ),
        measured("merchant: product list opened", "ms", [opened], better="lower"),
    ]


async def _searches(page: ProductsPage, run: int) -> list[float]:
    """Type what people look for letter by letter, each when the rows of the last are painted.

    Where a letter changes no row, the list is painted all the same, so that there is a time.
    """
    watch = PaintWatch(page.table.viewport())
    page.search.setFocus()
    times: list[float] = []
    for text in typed_words(1_000)[run * 50 :]:
        page.search.clear()
        await settle()
        for letter in text:
            begun = watch.begin(_is_answered)
            press(letter)
            await until(_is_answered)
            watch.refresh()
            times.append(await begun.ended())
            if len(times) == KEYSTROKES:
                return times
    return times


def _is_answered() -> bool:
    """Whether the list has no question open: neither for the order nor for rows in sight."""
    return not any(
        getattr(task.get_coro(), "__qualname__", "").startswith("TableModel.")
        for task in tasks.running()
        if not task.done()
    )


if __name__ == "__main__":
    tell(figures())
