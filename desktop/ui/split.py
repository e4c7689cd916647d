"""Split: two parts side by side whose border can be moved, such as list and detail."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget


class Split(QSplitter):
    """List and detail, or cart and tiles; shares are in proportion, neither part can vanish."""

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        *,
        shares: tuple[int, int] = (3, 2),
        vertical: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        direction = Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal
        super().__init__(direction, parent)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.addWidget(first)
        self.addWidget(second)
        self.setStretchFactor(0, shares[0])
        self.setStretchFactor(1, shares[1])
        total = sum(shares)
        self.setSizes([1000 * share // total for share in shares])
