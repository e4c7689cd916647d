"""State of the product list: search, filter, and the windows that are loaded."""

import asyncio
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.changes import Changes
from desktop.ui import i18n, tasks
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.images import Thumbnails
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.products.rows import COLUMNS, ListedProduct
from shared.catalog.commands import ProductStatus
from shared.catalog.queries import (
    ProductListRow,
    first_hits,
    product_ids,
    product_list,
    status_counts,
    thumbnails,
)
from shared.inventory.queries import on_hand_by_product
from shared.storage.reader import Reader

_PICTURE_SIDE = 48
_PAUSE_S = 0.25
"""So long nobody types before all hits are looked for; until then the best ones stand there."""


class ProductSource:
    """Gives the list its keys and rows.

    A search gives the best hits at once; when there are more, `is_partial` is set, and the next
    call gives all of them with the best still first, so that nothing jumps.
    """

    def __init__(self, office: Office, told: Callable[[], None]) -> None:
        """`told` is called whenever hits were found."""
        self._office = office
        self._told = told
        self.text = ""
        self.status: ProductStatus | None = None
        self.is_partial = False
        self._wants_all = False
        self._best: list[str] = []

    def narrow(self, text: str, status: ProductStatus | None) -> None:
        """Look for something else from now on."""
        self.text, self.status = text, status
        self.is_partial = self._wants_all = False

    def complete(self) -> None:
        """Give all hits from now on."""
        self._wants_all = True

    async def keys(self, sort: Sort | None) -> MutableSequence[Any]:
        """The ids of what fits."""
        fetch = self._office.desk.fetch
        if self.text and sort is None and not self._wants_all:
            hits = await fetch(first_hits, self.text, status=self.status)
            self._best, self.is_partial = hits.product_ids, not hits.is_all
            self._told()
            return list(self._best)
        self.is_partial = False
        found = await fetch(
            product_ids,
            text=self.text,
            status=self.status,
            order=sort.by if sort is not None else "title",
            is_descending=sort is not None and sort.is_descending,
        )
        if not self.text or sort is not None:
            return list(found)
        best = set(self._best)
        return [*self._best, *(each for each in found if each not in best)]

    async def rows(self, keys: Sequence[Any]) -> Sequence[ListedProduct | None]:
        """The rows of those ids."""
        found = await self._office.desk.fetch(_window, list(keys))
        currency = self._office.currency
        return [
            _listed(found[0][key], found[1].get(key, 0), currency) if key in found[0] else None
            for key in keys
        ]


class ProductsViewModel(ViewModel):
    """The list of products. Signal: `pictures_changed` when small pictures are different ones."""

    watches = frozenset({"product", "variant", "barcode", "stock_level"})
    pictures_changed = Signal()

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self._source = ProductSource(office, self._on_hits)
        self._completion: tasks.Spawned[None] | None = None
        self.table = TableModel(COLUMNS, self)
        self.counts: Mapping[ProductStatus, int] = {}
        self.pictures = Thumbnails(_PICTURE_SIDE, self)
        self._wanted_pictures: set[str] = set()
        self._is_joined = False
        connect(self.pictures.wanted, self._want_picture)
        connect(self.table.state_changed, self._tell)
        connect(self.table.modelReset, self._on_keys)
        connect(self.table.rowsInserted, self._on_keys)
        connect(self.table.rowsRemoved, self._on_keys)
        connect(office.desk.hub.changed, self._on_media)

    @property
    def text(self) -> str:
        """What is searched for."""
        return self._source.text

    @property
    def status(self) -> ProductStatus | None:
        """The status the list is narrowed to, or None."""
        return self._source.status

    @property
    def count_text(self) -> str:
        """How many products are in the list, in words."""
        count = self.table.rowCount()
        if self._source.is_partial:
            return i18n.tr("merchant.products.more_than", amount=i18n.format_number(count))
        return i18n.tr("merchant.products.count", count=count)

    async def refresh(self) -> None:
        """Load the list anew, and count by status."""
        self._load()
        self.counts = await self.office.desk.fetch(status_counts)
        self.changed.emit()

    # -- intents

    def search(self, text: str) -> None:
        """Look for words, an SKU or a barcode."""
        if text != self._source.text:
            self._narrow(text, self._source.status)

    def show_status(self, value: str) -> None:
        """Narrow the list to a status; nothing shows all."""
        status = ProductStatus(value) if value else None
        if status != self._source.status:
            self._narrow(self._source.text, status)

    # -- inside

    def _narrow(self, text: str, status: ProductStatus | None) -> None:
        if self._completion is not None:
            self._completion.cancel()
        self._source.narrow(text, status)
        self._load()

    def _load(self) -> None:
        if self._is_joined:
            self.table.request_refresh()
        else:
            self._is_joined = True
            self.table.set_source(self._source)

    async def _complete(self) -> None:
        """Find all the other hits once somebody has stopped typing."""
        await asyncio.sleep(_PAUSE_S)
        self._source.complete()
        self.table.request_refresh()

    def _on_hits(self) -> None:
        if self._source.is_partial:
            self._completion = tasks.latest(self, "complete", self._complete())

    def _on_keys(self) -> None:
        self.changed.emit()

    def _tell(self) -> None:
        self.changed.emit()

    def _want_picture(self, key: str) -> None:
        self._wanted_pictures.add(key)
        tasks.latest(self, "pictures", self._load_pictures())

    async def _load_pictures(self) -> None:
        wanted = sorted(self._wanted_pictures)
        found = await self.office.desk.fetch(thumbnails, wanted)
        self._wanted_pictures.difference_update(wanted)
        for key in wanted:
            content = found.get(key)
            if content is None:
                self.pictures.lacks(key)
            else:
                self.pictures.load(key, content)

    def _on_media(self, changes: Changes) -> None:
        if "media" in changes.kinds:
            self.pictures.deleteLater()
            self.pictures = Thumbnails(_PICTURE_SIDE, self)
            connect(self.pictures.wanted, self._want_picture)
            self.pictures_changed.emit()


def _window(
    reader: Reader, ids: Sequence[str]
) -> tuple[Mapping[str, ProductListRow], Mapping[str, int]]:
    rows: dict[str, ProductListRow] = {row.product_id: row for row in product_list(reader, ids)}
    return rows, on_hand_by_product(reader, ids)


def _listed(row: ProductListRow, on_hand_qty: int, currency: str) -> ListedProduct:
    lowest = i18n.format_money(row.lowest_price_amount, currency)
    if row.lowest_price_amount == row.highest_price_amount:
        price = lowest
    else:
        price = f"{lowest} – {i18n.format_money(row.highest_price_amount, currency)}"
    return ListedProduct(
        row.product_id,
        row.title,
        row.vendor,
        row.product_type,
        row.status,
        "" if row.variant_count == 1 else i18n.tr("merchant.variants", count=row.variant_count),
        price,
        on_hand_qty,
    )
