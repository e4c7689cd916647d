"""Which tiles there are, by group; pictures come with them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from PySide6.QtCore import QObject

from desktop.ui import i18n, tasks
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.catalog.rows import TileGroup, TileRow, tile_row
from desktop.workspaces.kiosk.till import Till
from shared.catalog.queries import (
    SellableRow,
    of_type,
    product_types,
    search_variants,
    sellable,
    tagged,
    thumbnails,
)
from shared.kernel.clock import business_day
from shared.pos.queries import best_sellers
from shared.storage.reader import Reader

PICK_TAG = "till"
"""Products with this tag are the merchant's picks."""
BEST_SELLER_DAYS = 30
MOST_TILES = 60
GROUPS_LAST = timedelta(minutes=10)
"""So long the groups stay as they are, however often products change."""
_BEST, _PICKS, _TYPE = "best", "picks", "type:"


class TilesViewModel(ViewModel):
    """Groups and the tiles of the chosen one."""

    watches = frozenset({"product", "variant", "media"})

    def __init__(self, till: Till, parent: QObject | None = None) -> None:
        super().__init__(till.desk.hub, parent)
        self._till = till
        self.groups: tuple[TileGroup, ...] = ()
        self.group_id = ""
        self.tiles: tuple[TileRow, ...] = ()
        self._groups_at: datetime | None = None

    def choose(self, group_id: str) -> None:
        """Show the tiles of another group."""
        if group_id != self.group_id:
            self.group_id = group_id
            self.changed.emit()
            tasks.latest(self, "tiles", self._load_tiles())

    async def refresh(self) -> None:
        """Find out which groups there are, now and then, and load the tiles of the chosen one."""
        now = self._till.desk.clock.now()
        if self._groups_at is None or now - self._groups_at > GROUPS_LAST:
            await self._load_groups()
            self._groups_at = now
        await self._load_tiles()

    async def _load_groups(self) -> None:
        """Look through all products: some tenths of a second where there are 100,000."""
        desk = self._till.desk
        picks = await desk.fetch(tagged, PICK_TAG, limit=1)
        types = await desk.fetch(product_types)
        groups = [TileGroup(_BEST, i18n.tr("kiosk.tiles.best"), "star")]
        if picks:
            groups.insert(0, TileGroup(_PICKS, i18n.tr("kiosk.tiles.picks"), "pin"))
        groups += [TileGroup(_TYPE + each.product_type, each.product_type) for each in types]
        self.groups = tuple(groups)
        if self.group_id not in {group.id for group in groups}:
            self.group_id = groups[0].id

    async def _load_tiles(self) -> None:
        desk, store = self._till.desk, self._till.store
        today = business_day(
            desk.clock.now(), store.timezone, day_starts_hour=store.day_starts_hour
        )
        group_id = self.group_id
        found: Sequence[SellableRow]
        if group_id == _PICKS:
            found = await desk.fetch(tagged, PICK_TAG, limit=MOST_TILES)
        elif group_id.startswith(_TYPE):
            found = await desk.fetch(of_type, group_id.removeprefix(_TYPE), limit=MOST_TILES)
        else:
            found = await desk.fetch(_most_sold, today)
        pictures = await desk.fetch(thumbnails, [variant.product_id for variant in found])
        if group_id == self.group_id:
            self.tiles = tuple(
                tile_row(variant, store.currency, pictures.get(variant.product_id))
                for variant in found
            )
            self.changed.emit()


def _most_sold(reader: Reader, today: date) -> tuple[SellableRow, ...]:
    """The best sellers of the days before, filled up with the first products by title.

    Today's sales do not count yet: hands know where a tile is, so it stays there all day.
    """
    since_on = today - timedelta(days=BEST_SELLER_DAYS)
    sold = sellable(reader, best_sellers(reader, since_on, today, limit=MOST_TILES))
    known = {variant.variant_id for variant in sold}
    others = search_variants(reader, "", limit=MOST_TILES)
    return (*sold, *(each for each in others if each.variant_id not in known))[:MOST_TILES]
