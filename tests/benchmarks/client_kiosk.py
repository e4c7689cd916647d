"""Scans and searches at the till with 100,000 products: from the key to the painted line."""

import time
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from desktop.app import Program
from desktop.ui.binding import connect
from desktop.workspaces.kiosk.cart import new_cart
from desktop.workspaces.kiosk.catalog.rows import HitRow
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.selling.view import TillView
from desktop.workspaces.kiosk.window import KioskWindow
from shared.kernel.ids import ShiftId, new_id
from shared.organization.commands import Workspace
from shared.pos.commands import OpenShift
from tests.benchmarks.child import tell
from tests.benchmarks.client_program import PaintWatch, played, press, settle, until
from tests.benchmarks.client_shop import PRODUCTS, Device, device, variant_code
from tests.benchmarks.client_words import number_of, typed_words
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib, percentile

TARGET_MS = 50.0
RUNS = 5
SCANS = 50
LINES_OF_A_CART = 12
KEYSTROKES = 60
BURST = 200
BURST_GAP_MS = 50


def figures() -> list[BenchResult]:
    """The till's figures; its drawer is open before the program starts."""
    with device(Workspace.KIOSK) as till:
        open_shift(till)
        results = played(till, Workspace.KIOSK, _story)
    memory = [peak_memory_mib()]
    return [*results, measured("kiosk: memory", "MiB", memory, better="lower")]


def open_shift(till: Device) -> None:
    """Open the drawer, as a cashier did before this start of the program."""
    with till.opened() as (_desk, work):
        command = OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=10_000)
        work.submit(command, actor_id=till.shop.owner_id).result(60)


async def _story(_program: Program, window: QWidget) -> list[BenchResult]:
    assert isinstance(window, KioskWindow)
    await until(lambda: isinstance(window.current_screen(), TillView))
    await settle()
    view = window.current_screen()
    assert isinstance(view, TillView)
    counter = window.counter
    await _scans(counter, view, SCANS)
    scans = [await _scans(counter, view, SCANS) for _ in range(RUNS)]
    lost = await _burst(counter)
    await _empty(counter)
    await _searches(counter, view, 0)
    keys = [await _searches(counter, view, run) for run in range(1, RUNS + 1)]
    whole = [[time.whole for time in run] for run in keys]
    unheld = [[time.from_field for time in run] for run in keys]
    return [
        _share("scan to painted line", scans, 0.95, target=TARGET_MS),
        _share("scan to painted line", scans, 0.5),
        measured(
            f"kiosk: lost of {BURST} scans at 20 a second",
            "scans",
            [lost],
            better="lower",
            target=0,
        ),
        _share("search key to painted hits", whole, 0.95, target=TARGET_MS),
        _share("search key to painted hits", whole, 0.5),
        _share("the same from the letter's arrival", unheld, 0.95),
        _share("the same from the letter's arrival", unheld, 0.5),
    ]


def _share(
    what: str, runs: list[list[float]], share: float, *, target: float | None = None
) -> BenchResult:
    """A percentile of every run."""
    name = f"kiosk: {what}, p{share * 100:.0f}"
    samples = [percentile(run, share) for run in runs]
    return measured(name, "ms", samples, better="lower", target=target)


@dataclass(frozen=True, slots=True)
class KeyTime:
    """Milliseconds from a key to its hits, and from when the letter stood in the field.

    Between both the scanner keeps the letter back, as it may begin a scan.
    """

    whole: float
    from_field: float


class _Arrival(QObject):
    """Notes when a letter came through to the field."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def note(self) -> None:
        """It came now."""
        self.at = time.perf_counter()


def _units(counter: Counter) -> int:
    return sum(line.sale.qty for line in counter.sale.cart.lines)


def _has_units(counter: Counter, wanted: int) -> bool:
    return _units(counter) >= wanted


def _has_found(counter: Counter, before: tuple[HitRow, ...], *, words: str) -> bool:
    """Whether the search for these words has been answered."""
    return counter.find.hits is not before and counter.find.words == words


async def _empty(counter: Counter) -> None:
    counter.carts.put(new_cart(counter.desk.clock.now()))
    await settle()


async def _scans(counter: Counter, view: TillView, count: int) -> list[float]:
    """Scan one after the other, each when the one before is on screen; carts of twelve lines."""
    watch = PaintWatch(view.cart.lines.viewport())
    times: list[float] = []
    for turn in range(count):
        if turn % LINES_OF_A_CART == 0:
            await _empty(counter)
        code = _code(turn)
        wanted = _units(counter) + 1
        begun = watch.begin(partial(_has_units, counter, wanted))
        press(code, end=True)
        times.append(await begun.ended())
        await settle()
    return times


def _code(turn: int) -> str:
    """A code of something for sale: every fiftieth product is a draft."""
    number = number_of("scanned", turn) % PRODUCTS
    return variant_code(number - 1 if number % 50 == 49 else number)


class _Burst(QObject):
    """Scans at a steady beat, whether or not the till has kept up."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        connect(self._timer.timeout, self.scan)
        self._timer.start(BURST_GAP_MS)

    def scan(self) -> None:
        """Scan the next one of forty products."""
        press(_code(self.left % 40), end=True)
        self.left -= 1
        if not self.left:
            self._timer.stop()


async def _burst(counter: Counter) -> int:
    await _empty(counter)
    burst = _Burst(BURST)
    await until(lambda: not burst.left)
    await settle()
    return BURST - _units(counter)


async def _searches(counter: Counter, view: TillView, run: int) -> list[KeyTime]:
    """Type what people look for letter by letter; each when the hits of the last are painted."""
    watch = PaintWatch(view.hits.viewport())
    connect(counter.find.changed, watch.refresh)
    arrival = _Arrival()
    connect(view.bar.field.textChanged, arrival.note)
    times: list[KeyTime] = []
    for text in typed_words(1_000)[run * 50 :]:
        for end in range(1, len(text) + 1):
            begun = watch.begin(
                partial(_has_found, counter, counter.find.hits, words=text[:end].strip())
            )
            press(text[end - 1])
            whole = await begun.ended()
            held = (arrival.at - begun.started) * 1000
            times.append(KeyTime(whole, whole - held))
            await settle()
            if len(times) == KEYSTROKES:
                view.bar.field.clear()
                await settle()
                return times
        view.bar.field.clear()
        await settle()
    return times


if __name__ == "__main__":
    tell(figures())
