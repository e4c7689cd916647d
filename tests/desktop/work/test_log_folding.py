"""The replica's write-ahead log goes into its file beside the writer, and no commit does that."""

from pathlib import Path

from desktop.database import LONG_LOG_PAGES
from desktop.workbench import Workbench
from shared.catalog.commands import CreateProduct, VariantSpec
from shared.kernel.ids import ProductId, VariantId, new_id
from tests.support.desk import OpenDesk, ShopOnDevice

PAGE_BYTES = 4096
LETTERS = "x" * 600_000
"""A description that fills some 150 pages."""


def _write(opened: OpenDesk, times: int) -> None:
    for _ in range(times):
        variant = VariantSpec(variant_id=VariantId(new_id()), price_amount=100)
        made = CreateProduct(
            product_id=ProductId(new_id()),
            title="Mug",
            description_html=LETTERS,
            variants=(variant,),
        )
        opened.work.submit(made, actor_id=opened.session.user_id).result(10)


def _folded(bench: Workbench) -> None:
    """Stands in line behind everything that was written."""


def test_long_log_is_folded_and_begun_anew(tmp_path: Path) -> None:
    device = ShopOnDevice(tmp_path / "till")
    log = device.profile.replica.with_name("replica.db-wal")
    opened = device.open()
    try:
        _write(opened, 10)
        opened.work.ask(_folded).result(10)
        opened.work.fold_log().result(10)
        length = log.stat().st_size
        assert length > LONG_LOG_PAGES * PAGE_BYTES
        assert opened.work.fold_log().result(10) is False

        _write(opened, 2)

        assert log.stat().st_size == length
    finally:
        opened.close()


def test_short_log_is_left_alone(tmp_path: Path) -> None:
    opened = ShopOnDevice(tmp_path / "till").open()
    try:
        _write(opened, 1)

        assert opened.work.fold_log().result(10) is False
    finally:
        opened.close()
