"""Icons: SVG outlines painted in a token's colour, crisp at any scale of the screen."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.ui.resources import resource_path
from shared.kernel.errors import Bug

# Pixmaps are made for these scales; Qt takes the one that fits the screen.
_SCALES = (1.0, 2.0)
# Icons that point somewhere turn round where the language reads from the right.
_DIRECTED = frozenset(
    {
        "arrow-left",
        "arrow-right",
        "chevron-left",
        "chevron-right",
        "corner-down-left",
        "external-link",
        "log-in",
        "log-out",
        "panel-left",
        "redo-2",
        "send",
        "undo-2",
    }
)


def icon(
    name: str, ink: QColor | str, size: int = 16, *, mirrored: bool = False, gap: int = 0
) -> QIcon:
    """Make an icon of `size` device-independent pixels in the colour `ink`.

    `gap` leaves that much room where the words follow.
    """
    made = QIcon()
    for scale in _SCALES:
        drawn = pixmap(name, ink, size, scale=scale, mirrored=mirrored)
        made.addPixmap(_with_gap(drawn, gap, mirrored=mirrored) if gap else drawn)
    return made


def _with_gap(drawn: QPixmap, gap: int, *, mirrored: bool) -> QPixmap:
    scale = drawn.devicePixelRatio()
    wide = QPixmap(drawn.width() + round(gap * scale), drawn.height())
    wide.setDevicePixelRatio(scale)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(gap if mirrored else 0, 0, drawn)
    painter.end()
    return wide


def pixmap(
    name: str, ink: QColor | str, size: int = 16, *, scale: float = 1.0, mirrored: bool = False
) -> QPixmap:
    """Paint one icon; raises Bug when there is no icon of that name."""
    flipped = mirrored and name in _DIRECTED
    return _pixmap(
        name, QColor(ink).name(QColor.NameFormat.HexArgb), size, scale=scale, flipped=flipped
    )


def paint(painter: QPainter, name: str, ink: QColor | str, *, at: QRectF) -> None:
    """Paint an icon into `at`, in the scale of the painter's device."""
    mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
    scale = painter.device().devicePixelRatioF()
    drawn = pixmap(name, ink, round(at.width()), scale=scale, mirrored=mirrored)
    painter.drawPixmap(at.topLeft(), drawn)


@lru_cache(maxsize=2048)
def _pixmap(name: str, ink: str, size: int, *, scale: float, flipped: bool) -> QPixmap:
    # Before there is a painter: an error must not leave one alive on a pixmap that goes away.
    opaque = QColor(ink)
    renderer = QSvgRenderer(QByteArray(_outline(name, opaque.name()).encode()))
    side = round(size * scale)
    drawn = QPixmap(QSize(side, side))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if flipped:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    painter.setOpacity(opaque.alphaF())
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(scale)
    return drawn


@lru_cache(maxsize=2048)
def _outline(name: str, ink: str) -> str:
    path = resource_path("icons", f"{name}.svg")
    if not path.is_file():
        message = f"there is no icon {name!r}"
        raise Bug(message)
    return path.read_text(encoding="utf-8").replace("currentColor", ink)


def available() -> list[str]:
    """List the names of all icons."""
    return sorted(path.stem for path in resource_path("icons").glob("*.svg"))
