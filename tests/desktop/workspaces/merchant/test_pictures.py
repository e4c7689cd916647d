"""Pictures: added from a file of any kind, seen large by key and click, fetched when opened."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from desktop.sync.blob_door import BLOB
from desktop.sync.sync_status import Progress
from desktop.ui.images import Picture
from desktop.ui.sheet import top_sheet
from desktop.workspaces.merchant.places import Screen
from desktop.workspaces.merchant.product.large_picture.view import LargePicture
from desktop.workspaces.merchant.product.picture.view import PictureCard
from shared.catalog.commands import SetProductImage
from shared.catalog.queries import ProductDetail, product_detail
from shared.catalog.tables import MediaRow
from shared.kernel.blobs import BlobRef
from shared.kernel.ids import MediaId, ProductId, new_id
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.desktop.workspaces.merchant.test_products import open_product
from tests.support.pictures import ref_of


def photograph(path: Path, width: int = 1800, height: int = 1200) -> Path:
    """A file with something to see on it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#d9cbb8"))
    painter = QPainter(image)
    painter.setBrush(QColor("#2a5bd7"))
    painter.drawEllipse(width // 4, height // 8, width // 2, height * 3 // 4)
    painter.end()
    assert image.save(str(path))
    return path


async def add_picture(at: BackOffice, detail: ProductDetail, path: Path) -> MediaRow:
    """Drop a file on the product's card, and give the row."""
    assert await at.drop(at.every(PictureCard)[0], path)
    after = await at.fetch(product_detail, detail.product.product_id)
    return after.media[0]


async def look(at: BackOffice) -> LargePicture:
    """Open the picture large, by its key."""
    await at.press("Ctrl+Shift+V")
    return shown(at)


def shown(at: BackOffice) -> LargePicture:
    """The large picture that is open."""
    sheet = top_sheet(at.window)
    assert isinstance(sheet, LargePicture)
    return sheet


def test_a_picture_is_kept_as_it_was_chosen_and_waits_to_be_sent(
    office: OfficeMaker, busy: Busy, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "mug.jpg")

    async def story(at: BackOffice) -> None:
        media = await add_picture(at, await open_product(at, "alarm"), path)
        blob = media.picture
        assert blob == ref_of(path.read_bytes())
        assert await at.opened.desk.blobs.read(blob) == path.read_bytes()
        waiting = await at.opened.work.ask(lambda bench: bench.journal.uploads.waiting())
        assert waiting == (blob,)

    office.run(story)


def test_another_kind_of_picture_is_kept_as_png(
    office: OfficeMaker, busy: Busy, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "mug.bmp", 300, 200)

    async def story(at: BackOffice) -> None:
        media = await add_picture(at, await open_product(at, "alarm"), path)
        assert media.blob_type == "image/png"
        assert media.picture is not None
        content = await at.opened.desk.blobs.read(media.picture)
        assert content is not None
        assert QImage.fromData(content).size().width() == 300

    office.run(story)


def test_the_picture_opens_large_by_key_and_by_click_and_closes_with_escape(
    office: OfficeMaker, busy: Busy, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "mug.png")

    async def story(at: BackOffice) -> None:
        await add_picture(at, await open_product(at, "alarm"), path)
        sheet = await look(at)
        await at.settle()
        assert sheet.canvas.shown_size.width() > 640
        assert not sheet.canvas.stands_in
        assert sheet.note() == ""
        await at.press("Esc")
        assert top_sheet(at.window) is None
        small = at.every(PictureCard)[0].findChild(Picture)
        assert small is not None
        QTest.mouseClick(small, Qt.MouseButton.LeftButton)
        await at.settle()
        assert shown(at).canvas.accessibleName() == "Bakelike Alarm Clock"

    office.run(story)


@pytest.mark.parametrize("blob_kind", ["blob", "none"])
def test_what_is_not_here_is_said_in_plain_words_with_the_small_copy_in_its_place(
    office: OfficeMaker, busy: Busy, tmp_path: Path, *, blob_kind: str
) -> None:
    large, small = photograph(tmp_path / "large.png"), photograph(tmp_path / "small.jpg", 320, 213)
    blob = ref_of(large.read_bytes())

    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        command = picture_command(detail, small.read_bytes(), blob if blob_kind == "blob" else None)
        await at.opened.desk.submit(command)
        await at.settle()
        sheet = await look(at)
        await at.settle()
        assert sheet.canvas.shown_size.width() == 320
        if blob_kind == "none":
            assert "only this small copy" in sheet.note()
            return
        assert sheet.canvas.stands_in
        assert "There is no connection" in sheet.note()
        at.opened.work.blobs.keep(large.read_bytes(), blob)
        at.opened.desk.hub.publish({BLOB: frozenset({blob.sha256})})
        await at.settle()
        assert sheet.canvas.shown_size.width() > 640
        assert sheet.note() == ""

    office.run(story)


def picture_command(
    detail: ProductDetail, thumbnail: bytes, blob: BlobRef | None
) -> SetProductImage:
    """What another device made of a picture."""
    return SetProductImage(
        product_id=ProductId(detail.product.product_id),
        media_id=MediaId(new_id()),
        thumbnail_hex=thumbnail.hex(),
        blob="" if blob is None else blob.sha256,
        blob_bytes=0 if blob is None else blob.size_bytes,
        blob_type="" if blob is None else blob.media_type,
    )


def test_files_that_wait_are_not_passed_over_where_it_says_what_is_sent(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        assert "All sent" in at.says()
        at.sync.progress = Progress(unsent_blobs=3)
        at.sync.tell()
        await at.settle()
        assert "All sent" not in at.says()
        assert "3 files are to follow" in at.says()
        assert any("Files not yet sent" in chip.text for chip in at.window.standing.chips())

    office.run(story)


def test_a_product_without_a_picture_has_none_to_open(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_product(at, "alarm")
        await at.press("Ctrl+Shift+V")
        assert top_sheet(at.window) is None

    office.run(story)
