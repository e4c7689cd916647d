"""Pictures are made small off the UI thread; letters stand in for missing ones."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QColor, QImage, QImageWriter

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.columns import Column, Kind
from desktop.ui.images import Picture, Thumbnails, initials, read_image, thumbnail
from desktop.ui.label import Label
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from tests.desktop.ui.rows import COLUMNS, Product
from tests.support.qt_loop import UiLoop


def png(width: int = 400, height: int = 200) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#3366cc"))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(content.data())


class Screen(QObject):
    def __init__(self, pictures: Thumbnails) -> None:
        super().__init__()
        self.ready: list[str] = []
        connect(pictures.ready, self.take)

    def take(self, key: str) -> None:
        self.ready.append(key)


def test_pictures_keep_their_shape_and_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png())

    from_bytes, from_file = read_image(png(), 64), read_image(path, 64)

    assert (from_bytes.width(), from_bytes.height()) == (64, 32)
    assert (from_file.width(), from_file.height()) == (64, 32)
    assert read_image(b"no picture", 64).isNull()


def test_small_pictures_are_made_sharp_for_the_screen(ui: UiLoop) -> None:
    async def story() -> tuple[int, float]:
        made = await thumbnail(png(), 32, scale=2.0)
        assert made is not None
        assert await thumbnail(b"no picture", 32) is None
        return made.width(), made.devicePixelRatio()

    assert ui.run(story()) == (64, 2.0)


def test_each_picture_is_loaded_once_and_told(ui: UiLoop) -> None:
    pictures = Thumbnails(32)
    screen = Screen(pictures)

    async def story() -> None:
        for _ in range(3):
            pictures.load("tea", png())
        pictures.load("broken", b"no picture")
        await ui.settle()
        pictures.load("tea", png())
        await ui.settle()

    ui.run(story())

    assert sorted(screen.ready) == ["broken", "tea"]
    assert pictures.get("tea") is not None
    assert pictures.get("broken") is None


def test_picture_shows_letters_until_it_is_there(ui: UiLoop) -> None:
    picture = Picture("Green tea", 40)

    async def story() -> None:
        ui.show(picture, 40, 40)
        letters = picture.grab().toImage()
        picture.set_content(png())
        await ui.until(picture.has_picture)
        shown = picture.grab().toImage()
        assert QColor(shown.pixel(20, 20)).name() == "#3366cc"
        assert letters != shown
        picture.set_content(None)
        assert not picture.has_picture()

    ui.run(story())


def test_letters_of_names() -> None:
    assert [initials(name) for name in ("Green tea", "tea", "a b c", "", "& Sons")] == [
        "GT",
        "T",
        "AC",
        "",
        "S",
    ]


class Shelf(QObject):
    """Answers what a list wants to paint."""

    def __init__(self, pictures: Thumbnails) -> None:
        super().__init__()
        self.pictures = pictures
        self.asked: list[str] = []
        connect(pictures.wanted, self.bring)

    def bring(self, key: str) -> None:
        self.asked.append(key)
        if key == "none":
            self.pictures.lacks(key)
        else:
            self.pictures.load(key, png())


def test_list_asks_once_for_the_pictures_it_would_paint(ui: UiLoop) -> None:
    columns = (Column(key="name", title_key="", kind=Kind.IMAGE), *COLUMNS)
    model = TableModel(columns)
    model.set_rows([Product("a", "tea"), Product("b", "none")])
    view = TableView(model, name="Products")
    shelf = Shelf(Thumbnails(32, view))
    view.set_pictures(shelf.pictures)

    async def story() -> None:
        ui.show(view)
        await ui.until(lambda: shelf.pictures.get("tea"))
        for _ in range(3):
            view.viewport().repaint()
        await ui.settle()

    ui.run(story())
    image = view.grab().toImage()
    colours = {
        QColor(image.pixel(x, y)).name() for x in range(80) for y in range(image.height() // 2)
    }

    assert sorted(shelf.asked) == ["none", "tea"]
    assert "#3366cc" in colours


def test_words_take_the_colour_of_a_tone_and_give_it_back(ui: UiLoop) -> None:
    label = Label("Over")
    label.set_tone(theme.Tone.DANGER)
    label.ensurePolished()
    red = label.palette().windowText().color().name()
    label.set_tone(None)

    assert red == theme.current().colours.danger.text
    assert label.palette().windowText().color().name() == theme.current().colours.text
