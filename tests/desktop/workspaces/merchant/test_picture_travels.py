"""A picture added at one back office without a network is seen large at another one."""

from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from desktop.device import Device, open_device
from desktop.settings import Profile
from desktop.workspaces.merchant.product.large_picture.view import LargePicture
from desktop.workspaces.merchant.product.large_picture.view_model import LargePictureViewModel
from shared.catalog.commands import CreateProduct, SetProductImage, VariantSpec
from shared.catalog.queries import ProductDetail, product_detail
from shared.kernel.errors import Rejected
from shared.kernel.ids import MediaId, ProductId, VariantId, new_id
from tests.desktop.sync.test_real_server import cable
from tests.desktop.workspaces.merchant.test_pictures import photograph
from tests.support.cable import Cable
from tests.support.qt_loop import UiLoop
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site

__all__ = [
    "app",
    "cable",
    "client",
    "listening",
    "migrated_url",
    "served",
    "server_database",
    "site",
]
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


async def office(ui: UiLoop, folder: Path, site: Site, *, cable: Cable) -> Device:
    """A paired and filled back office at which the owner works."""
    device = await open_device(Profile(folder), clock=site.server.clock)
    await device.pair(cable.url, site.code(), folder.name)
    await ui.until(lambda: device.light.status.is_filled, PATIENCE_S)
    await device.gate.sign_in(site.owner_id, "")
    return device


async def add_product(device: Device, *, large: bytes, small: bytes) -> ProductId:
    """A product with a picture, as the product page makes it."""
    desk, product_id = device.desk(), ProductId(new_id())
    variant = VariantSpec(variant_id=VariantId(new_id()), price_amount=100)
    await desk.submit(CreateProduct(product_id=product_id, title="Mug", variants=(variant,)))
    blob = await desk.blobs.keep(large)
    await desk.submit(
        SetProductImage(
            product_id=product_id,
            media_id=MediaId(new_id()),
            thumbnail_hex=small.hex(),
            blob=blob.sha256,
            blob_bytes=blob.size_bytes,
            blob_type=blob.media_type,
        )
    )
    return product_id


async def arrived(ui: UiLoop, device: Device, product_id: str) -> ProductDetail:
    """The product, once its row and that of its picture are here."""
    seen: list[ProductDetail] = []
    while not seen:
        with suppress(Rejected):
            found = await device.desk().fetch(product_detail, product_id)
            seen += [found] if found.media else []
        await ui.turn()
    return seen[0]


def test_a_picture_added_offline_is_seen_at_the_other_office(
    ui: UiLoop, site: Site, cable: Cable, *, tmp_path: Path
) -> None:
    large = photograph(tmp_path / "large.png", 2400, 1600).read_bytes()
    small = photograph(tmp_path / "small.jpg", 320, 213).read_bytes()

    async def story() -> None:
        here = await office(ui, tmp_path / "here", site, cable=cable)
        there = await office(ui, tmp_path / "there", site, cable=cable)
        try:
            await travel(here, there)
        finally:
            await here.close()
            await there.close()

    async def travel(here: Device, there: Device) -> None:
        cable.cut()
        await ui.until(lambda: not here.light.is_online, PATIENCE_S)
        product_id = await add_product(here, large=large, small=small)
        await ui.until(lambda: here.light.progress.unsent_blobs == 1, PATIENCE_S)
        cable.mend()
        for device in (here, there):
            device.light.sync_now()
        detail = await arrived(ui, there, product_id)
        window = QWidget()
        ui.show(window, 1200, 800)
        seen = LargePicture(
            window, "Mug", LargePictureViewModel(there.desk(), detail.media[0], window)
        )
        seen.open()
        await ui.until(lambda: seen.canvas.shown_size.width() > 640, PATIENCE_S)
        assert seen.note() == ""
        assert not seen.canvas.stands_in
        await ui.until(lambda: here.light.progress.unsent_blobs == 0, PATIENCE_S)
        seen.cancel()

    ui.run(story(), 3 * PATIENCE_S)
