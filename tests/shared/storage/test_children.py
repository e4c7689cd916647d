"""Rows of one parent in a unit of work: as a search would find them, but nothing is sent for it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.catalog.commands import EditProduct
from shared.catalog.tables import BARCODE, BarcodeRow, VariantRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import VariantId
from shared.storage.unit_of_work import UnitOfWork
from tests.shared.runtime.test_read_ahead import statements
from tests.support.shop import Shop, empty_sqlite


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


@pytest.fixture
def mug(shop: Shop) -> VariantId:
    return shop.product("Mug", barcode="111")


def codes(work: UnitOfWork, variant_id: VariantId) -> list[str]:
    """The barcodes of a variant; a search finds the same ones."""
    found = [row.code for row in work.children(BarcodeRow, "variant_id", variant_id)]
    assert found == [row.code for row in work.find(BarcodeRow, BARCODE.c.variant_id == variant_id)]
    return found


def test_rows_that_come_go_and_change_parents_are_told_apart(shop: Shop, mug: VariantId) -> None:
    plate = shop.product("Plate", barcode="222")
    work = UnitOfWork(shop.connection)
    work.insert(BarcodeRow("100", mug, 1))

    assert codes(work, mug) == ["100", "111"]

    work.insert(BarcodeRow("333", mug, 1))
    work.put(replace(work.require(BarcodeRow, "222"), variant_id=mug))
    work.delete(work.require(BarcodeRow, "111"))
    assert codes(work, mug) == ["100", "222", "333"]
    assert codes(work, plate) == []
    work.put(replace(work.require(BarcodeRow, "222"), variant_id=plate))
    assert (codes(work, mug), codes(work, plate)) == (["100", "333"], ["222"])


@pytest.mark.parametrize("defers", [True, False])
def test_a_failed_savepoint_takes_its_rows_out_again(
    shop: Shop, mug: VariantId, *, defers: bool
) -> None:
    work = UnitOfWork(shop.connection, defers=defers)
    assert codes(work, mug) == ["111"]

    def fail() -> None:
        with work.savepoint():
            work.insert(BarcodeRow("333", mug, 1))
            assert len(work.children(BarcodeRow, "variant_id", mug)) == 2
            raise Rejected("nothing")

    with pytest.raises(Rejected):
        fail()
    assert codes(work, mug) == ["111"]


def test_waiting_writes_go_on_waiting(shop: Shop, mug: VariantId) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    work = UnitOfWork(shop.connection)
    variant = work.require(VariantRow, mug)
    sa.event.listen(shop.connection, "before_cursor_execute", note)
    for price in range(5):
        work.put(replace(variant, price_amount=price))
        work.children(VariantRow, "product_id", variant.product_id)

    assert len(asked) == 1
    assert asked[0].startswith("SELECT")


def test_an_edited_title_is_found_with_all_barcodes_of_a_variant(
    shop: Shop, mug: VariantId
) -> None:
    product_id = shop.fetch(lambda reader: reader.require(VariantRow, mug)).product_id

    shop.do(EditProduct(product_id=product_id, title="Cup"))

    words = shop.fetch(lambda reader: reader.require(VariantRow, mug)).search_text
    assert ("cup" in words.lower(), "111" in words) == (True, True)


def test_children_of_many_parents_are_searched_for_together_and_then_known(
    shop: Shop, mug: VariantId
) -> None:
    plate, bare = shop.product("Plate", barcode="222"), shop.product("Bare")
    work = UnitOfWork(shop.connection)
    work.insert(BarcodeRow("100", mug, 1))
    work.put(replace(work.require(BarcodeRow, "222"), variant_id=mug))

    found = work.children_of_all(BarcodeRow, "variant_id", [mug, plate, bare, mug])

    assert {parent: [row.code for row in rows] for parent, rows in found.items()} == {
        mug: ["100", "111", "222"],
        plate: [],
        bare: [],
    }
    work.delete(work.require(BarcodeRow, "111"))
    work.put(replace(work.require(BarcodeRow, "222"), variant_id=plate))
    with statements(shop) as asked:
        again = work.children_of_all(BarcodeRow, "variant_id", [mug, plate])
    assert asked == []
    assert [[row.code for row in rows] for rows in again.values()] == [["100"], ["222"]]
