"""Pages: a header with a title, badges and buttons over a body; and a stack that shows one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop.ui import i18n, theme
from desktop.ui.actions import ActionSet
from desktop.ui.badge import BadgeLabel
from desktop.ui.banner import Banner
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import ElidedLabel, Label, Role
from desktop.ui.theme import Tone
from shared.kernel.errors import Rejected, Unavailable

_UNAVAILABLE = "unavailable"
_WIDEST = 1320


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge beside a title; the text is already translated."""

    text: str
    tone: Tone = Tone.NEUTRAL
    icon: str = ""


def sides(start: int, end: int, *, top: int = 0, bottom: int = 0) -> tuple[int, int, int, int]:
    """Margins in pixels for a layout, which knows left and right only: in the language's way."""
    if i18n.language().is_right_to_left:
        return end, top, start, bottom
    return start, top, end, bottom


class _Title(ElidedLabel):
    """A title as wide as its words, where there is room."""

    def __init__(self, text: str) -> None:
        super().__init__(text, Role.TITLE)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.set_whole(text)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.accessibleName()) + theme.S1
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.S8, super().minimumSizeHint().height())


class PageHeader(QFrame):
    """Title, what is said beside it, badges, and buttons at the end. Signal: `back_asked`."""

    back_asked = Signal()

    def __init__(self, title: str, *, can_go_back: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "header")
        self.setFixedHeight(theme.current().density.control + 2 * theme.S3)
        self._line = QHBoxLayout(self)
        self._spare = 0
        self._start = theme.S3 if can_go_back else theme.S6
        self._line.setContentsMargins(*sides(self._start, theme.S4))
        self._line.setSpacing(theme.S2)
        if can_go_back:
            name = f"{i18n.tr('merchant.back')}  (Esc)"
            button = Button("", "arrow-left", look=Look.GHOST, name=name)
            button.setAccessibleName(i18n.tr("merchant.back"))
            connect(button.clicked, self._go_back)
            self._line.addWidget(button)
        self._title = _Title(title)
        self._note = Label("", Role.MUTED)
        self._marks = QHBoxLayout()
        self._marks.setSpacing(theme.S2)
        self._marks.setContentsMargins(theme.S2, 0, 0, 0)
        self._line.addWidget(self._title)
        self._line.addLayout(self._marks)
        self._line.addWidget(self._note)
        self._line.addStretch(1)
        self._badges: list[BadgeLabel] = []

    def title(self) -> str:
        """Give the title."""
        return self._title.accessibleName()

    def set_title(self, text: str) -> None:
        """Show another title."""
        self._title.set_whole(text)
        self._title.updateGeometry()

    def note(self) -> str:
        """Give what is said beside the title."""
        return self._note.text()

    def set_note(self, text: str) -> None:
        """Say something beside the title, such as how many rows there are."""
        self._note.setText(text)

    def marks(self) -> list[str]:
        """Give the words of the badges."""
        return [badge.text() for badge in self._badges]

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show badges beside the title."""
        while len(self._badges) > len(marks):
            badge = self._badges.pop()
            badge.hide()
            badge.deleteLater()
        for place, mark in enumerate(marks):
            if place == len(self._badges):
                self._badges.append(BadgeLabel(mark.text))
                self._marks.addWidget(self._badges[place])
            self._badges[place].set_badge(mark.text, mark.tone, mark.icon)

    def set_inset(self, spare: int) -> None:
        """Stand over a body that leaves `spare` pixels free at either side."""
        self._spare = spare
        end = spare + theme.S6 if spare else theme.S4
        self._line.setContentsMargins(*sides(spare + self._start, end))

    def minimumSizeHint(self) -> QSize:
        """Give the room without what stays free: that goes away with the window's width."""
        return super().minimumSizeHint() - QSize(2 * self._spare, 0)

    def add(self, widget: QWidget | None) -> None:
        """Add a button at the end; None (not allowed) adds nothing."""
        if widget is not None:
            self._line.addWidget(widget)

    def _go_back(self) -> None:
        self.back_asked.emit()


class Page(QWidget):
    """A header, room for a banner, and `self.body`. Signals: `back_asked`, `retitled`.

    Errors of whatever runs below it are shown in its banner or passed to its `show_rejected`.
    """

    back_asked = Signal()
    retitled = Signal()

    def __init__(self, title: str, *, can_go_back: bool = False) -> None:
        super().__init__()
        self.header = PageHeader(title, can_go_back=can_go_back)
        self.banner = Banner()
        self.actions_set: ActionSet | None = None
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.banner)
        column.addLayout(self.body, 1)
        self._column: Column | None = None
        self._kept_focus: QWidget | None = None
        connect(self.header.back_asked, self.leave)

    def set_title(self, text: str) -> None:
        """Show another title."""
        if text != self.header.title():
            self.header.set_title(text)
            self.retitled.emit()

    def set_column(self, column: "Column") -> None:
        """Show a column as the body; the header begins and ends where it does."""
        self._column = column
        self.body.addWidget(column)
        connect(column.resized, self._align_header)

    def _align_header(self) -> None:
        if self._column is not None:
            self.header.set_inset(self._column.spare())

    def leave(self) -> None:
        """Ask to go back to where one came from."""
        self.back_asked.emit()

    def title(self) -> str:
        """Give the title."""
        return self.header.title()

    def opened(self) -> None:
        """The page is in front now."""
        self.take_focus()

    def left(self) -> None:
        """Another one comes to the front."""
        self.keep_focus()

    def first_focus(self) -> QWidget | None:
        """Give the part that has the focus when the page opens; pages override."""
        return None

    def take_focus(self) -> None:
        """Set the focus to where it was when the page was left, else into the first part."""
        kept = self._kept_focus
        if kept is None or not isValid(kept) or not kept.isVisibleTo(self):
            kept = self.first_focus()
        (kept or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def keep_focus(self) -> None:
        """Remember where the focus is."""
        self._kept_focus = self.focusWidget()

    def show_unavailable(self, error: Unavailable) -> None:
        """Say above the body what is out of reach."""
        self.banner.show_message(_UNAVAILABLE, i18n.error_text(error), Tone.WARN)

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused; pages with fields override this to say it there."""
        self.show_refusal(error)

    def show_refusal(self, error: Rejected) -> None:
        """Say above the body what was refused."""
        self.banner.show_message(error.code, i18n.error_text(error), Tone.DANGER)


class Pages(QWidget):
    """Shows one of several pages; what the frame asks of a screen goes to that page."""

    retitled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def add_page(self, page: Page) -> None:
        """Add a page; the first one is shown."""
        self._stack.addWidget(page)
        connect(page.retitled, self._retitle)

    def drop_page(self, page: Page) -> None:
        """Take a page away for good."""
        self._stack.removeWidget(page)
        page.hide()
        page.deleteLater()

    def page(self) -> Page:
        """Give the page that is shown."""
        current = self._stack.currentWidget()
        assert isinstance(current, Page)  # noqa: S101 - only pages are added
        return current

    def show_page(self, page: Page) -> None:
        """Show a page and move the focus there."""
        if self._stack.currentWidget() is not page:
            self.page().keep_focus()
            self._stack.setCurrentWidget(page)
        page.take_focus()
        self.retitled.emit()

    def go_home(self) -> None:
        """Ask the page that is shown to leave for the first one, if it is another."""
        if self._stack.currentIndex() > 0:
            self.page().leave()

    @property
    def actions_set(self) -> ActionSet | None:
        """The actions of the page that is shown."""
        return self.page().actions_set

    def title(self) -> str:
        """Give the title of the page that is shown."""
        return self.page().header.title()

    def opened(self) -> None:
        """The screen is in front now."""
        self.page().take_focus()

    def left(self) -> None:
        """Another screen comes to the front."""
        self.page().keep_focus()

    def _retitle(self) -> None:
        self.retitled.emit()


class Column(QScrollArea):
    """A body that scrolls: `self.content` in the middle, never wider than can be read.

    Signal: `resized`.
    """

    resized = Signal()

    def __init__(self, *, widest: int = _WIDEST) -> None:
        super().__init__()
        self._widest = widest
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inner = QWidget()
        self.inner.setProperty("role", "canvas")
        self.inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        middle = QWidget()
        middle.setMaximumWidth(widest)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.content = QVBoxLayout(middle)
        self.content.setContentsMargins(theme.S6, theme.S5, theme.S6, theme.S6)
        self.content.setSpacing(theme.S4)
        row = QHBoxLayout(self.inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)
        self.setWidget(self.inner)

    def spare(self) -> int:
        """Give how many pixels stay free on either side of what is shown."""
        return max(0, (self.viewport().width() - self._widest) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the header above."""
        super().resizeEvent(event)
        self.resized.emit()


class TwoColumns(QWidget):
    """A wide and a narrow column side by side; one below the other where it is narrow."""

    def __init__(self, *, shares: tuple[int, int] = (2, 1), turns_at: int = 820) -> None:
        super().__init__()
        self.wide = QVBoxLayout()
        self.narrow = QVBoxLayout()
        self._turns_at = turns_at
        self._shares = shares
        for column in (self.wide, self.narrow):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(theme.S4)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.S4)
        self._row.addLayout(self.wide, shares[0])
        self._row.addLayout(self.narrow, shares[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the width asks for it."""
        super().resizeEvent(event)
        is_narrow = event.size().width() < self._turns_at
        way = QHBoxLayout.Direction.TopToBottom if is_narrow else QHBoxLayout.Direction.LeftToRight
        if self._row.direction() is not way:
            self._row.setDirection(way)
