"""Tills of one store keep what the others have not sent, while the internet is down."""

from shared.inventory.tables import StockLevelRow
from shared.pos.tables import ReceiptRow
from shared.storage.reader import Reader
from tests.desktop.hub.conftest import InStore, Store


def _on_hand(reader: Reader, variant_id: str, location_id: str) -> int:
    level = reader.get(StockLevelRow, variant_id, location_id)
    return 0 if level is None else level.on_hand_qty


def _receipts(reader: Reader) -> int:
    return len(reader.find(ReceiptRow))


def _meet(*tills: InStore) -> None:
    for each in tills:
        each.until_store(lambda share: len(share.neighbours) >= 1)


def test_each_unsent_sale_has_a_second_home_and_is_seen_at_the_other_till(store: Store) -> None:
    one, two = store.till(), store.till()
    _meet(one, two)
    for each in (one, two):
        each.watcher.until(lambda status: not status.pending and status.is_online)
    store.network.cut()
    one.sell(3, qty=2)
    two.sell(1)
    one.until_store(lambda share: share.unsent == 3 and share.uncopied == 0)
    two.until_store(lambda share: share.unsent == 1 and share.uncopied == 0 and share.kept == 3)
    mug, here = store.world.variants[0], store.world.location_id
    for each in (one, two):
        assert each.work.fetch(_receipts).result() == 4
        assert each.work.fetch(_on_hand, mug, here).result() == 93
