"""The line to be worked on: how many, of what."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.ui import theme
from desktop.ui.i18n import format_number, tr
from desktop.ui.label import Label, Role
from desktop.workspaces.fulfillment.quantities import done_words, qty_words, whole_qty
from desktop.workspaces.fulfillment.verify import Step, left_of
from shared.fulfillment.queries import PickRow

_SHORT = 40
_DIGITS = 3


class CurrentLine(QFrame):
    """A huge figure and a name, readable from a step away."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._todo = Label("", Role.OVERLINE)
        self._title = Label("", Role.TITLE, wraps=True)
        self._codes = Label("", Role.MUTED, wraps=True)
        self._case = Label("", Role.MUTED, wraps=True)
        self._count = Label("", Role.DISPLAY)
        self._count.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        self._of = Label("", Role.MUTED)
        self._of.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._sizes = (0, 0)
        self._lay()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The more room, the larger the figures."""
        super().resizeEvent(event)
        self._fit()

    @property
    def figure(self) -> str:
        """The figure that is shown large."""
        return self._count.text()

    def show_line(self, line: PickRow | None, step: Step) -> None:
        """Show a line, or nothing."""
        for part in (self._count, self._of, self._codes):
            part.setVisible(line is not None)
        self._case.setVisible(False)
        if line is None:
            self._todo.setText("")
            self._title.setText(tr("fulfillment.nothing_left"))
            self.setAccessibleName(tr("fulfillment.nothing_left"))
            return
        left = left_of(line, step)
        whole = whole_qty(line, step)
        self._count.setText(qty_words(line, left, has_unit=False))
        self._todo.setText(tr(f"fulfillment.todo.{step.value}"))
        self._title.setText(line.title)
        self._fit()
        single = [each.code for each in line.codes if each.unit_qty == 1]
        self._codes.setText(" · ".join(part for part in (line.sku, *single[:1]) if part))
        self._show_case(line, left)
        self._of.setText(done_words(line, whole - left, whole))
        self.setAccessibleName(f"{self._todo.text()}: {qty_words(line, left)} × {line.title}")

    def _show_case(self, line: PickRow, left: int) -> None:
        """Say what one scan counts where that is not one."""
        whole_units = left // 10**line.qty_exponent
        cases = [each.unit_qty for each in line.codes if 1 < each.unit_qty <= whole_units]
        if cases:
            self._case.setText(tr("fulfillment.case", case=format_number(cases[0])))
        elif line.is_weighed:
            self._case.setText(tr("fulfillment.weighed", unit=line.unit_code))
        self._case.setVisible(bool(cases) or line.is_weighed)

    def _fit(self) -> None:
        scale = theme.current().density.type
        is_short = len(self._title.text()) <= _SHORT
        title = min(max(round(self.height() * 0.09), scale.title), scale.display + scale.base)
        count = min(max(round(self.height() * 0.3), scale.display * 2), scale.display * 6)
        # A long figure leaves the name its room.
        count = round(count * min(1.0, _DIGITS / max(1, len(self._count.text()))))
        sizes = (title if is_short else round(title * 0.75), count)
        if sizes != self._sizes:
            self._sizes = sizes
            self._title.setStyleSheet(f"font-size: {sizes[0]}px;")
            self._count.setFont(theme.figures_font(sizes[1]))
            self._count.setStyleSheet(f"font-size: {sizes[1]}px;")

    def _lay(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S6, theme.S5, theme.S6, theme.S5)
        row.setSpacing(theme.S6)
        figures = QVBoxLayout()
        figures.setSpacing(0)
        figures.addStretch(1)
        figures.addWidget(self._count)
        figures.addWidget(self._of)
        figures.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        words.addStretch(1)
        for part in (self._todo, self._title, self._codes, self._case):
            words.addWidget(part)
        words.addStretch(1)
        row.addLayout(words, 1)
        row.addLayout(figures)
