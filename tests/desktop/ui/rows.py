"""Rows, columns and a source of a million rows for tests of lists."""

import asyncio
from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass

from desktop.ui.columns import Badge, Column, Kind, Sort, stretch
from desktop.ui.theme import Tone
from shared.kernel.errors import CodedError


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    price_amount: int = 1999
    currency: str = "EUR"
    on_hand_qty: int = 3
    state: str = "active"


COLUMNS = (
    Column(key="name", title_key="gallery.product", width=stretch(2), strong=True, sort="name"),
    Column(
        key="state",
        title_key="gallery.state",
        kind=Kind.BADGE,
        badges={"active": Badge("gallery.active", Tone.OK, "circle-check")},
    ),
    Column(key="on_hand_qty", title_key="gallery.on_hand", kind=Kind.QTY),
    Column(key="price_amount", title_key="gallery.price", kind=Kind.MONEY, sort="price"),
)


def products(*names: str) -> list[Product]:
    return [Product(id=name, name=f"Product {name}") for name in names]


class Shelf:
    """A RowSource that counts what it is asked, and can be held up or made to fail."""

    def __init__(self, count: int) -> None:
        self.numbers: MutableSequence[int] = array("q", range(count))
        self.asked: list[list[int]] = []
        self.sorts: list[Sort | None] = []
        self.gate: asyncio.Event | None = None
        self.problem: CodedError | None = None
        self.suffix = ""

    async def keys(self, sort: Sort | None) -> MutableSequence[int]:
        self.sorts.append(sort)
        await self._pass()
        if sort is not None and sort.is_descending:
            return array("q", reversed(self.numbers))
        return self.numbers[:]

    async def rows(self, keys: Sequence[int]) -> Sequence[Product | None]:
        self.asked.append(list(keys))
        await self._pass()
        return [Product(id=str(key), name=f"Product {key}{self.suffix}") for key in keys]

    async def _pass(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.problem is not None:
            raise self.problem
