"""Facts: names beside values, and sums in a column with figures under each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.ui import theme
from desktop.ui.label import Label, MoneyLabel, Role, rule

_LONGEST_WORD, _PIECE = 24, 12


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value, both already translated; `is_sum` is set apart by a line."""

    name: str
    value: str
    note: str = ""
    is_sum: bool = False
    is_figure: bool = False


class Facts(QWidget):
    """Rows of names and values; figures stand at the end with equally wide digits."""

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.S4)
        self._grid.setVerticalSpacing(theme.S2)
        self._shown: tuple[Fact, ...] | None = None
        self._parts: list[QWidget] = []
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts in this order."""
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = []
        line = 0
        for fact in facts:
            if fact.is_sum:
                self._put(rule(), line, 0, span=3)
                line += 1
            self._put(Label(fact.name, Role.STRONG if fact.is_sum else Role.MUTED), line, 0)
            if fact.note:
                self._put(Label(fact.note, Role.SMALL), line, 1)
            self._put(_value(fact), line, 2)
            line += 1
        has_figures = any(fact.is_figure for fact in facts)
        self._grid.setColumnStretch(1, 1 if has_figures else 0)
        self._grid.setColumnStretch(2, 0 if has_figures else 1)

    def text(self) -> str:
        """Give everything that is said, line by line."""
        return "\n".join(f"{fact.name}: {fact.value}" for fact in self._shown or ())

    def _put(self, part: QWidget, line: int, column: int, *, span: int = 1) -> None:
        self._parts.append(part)
        self._grid.addWidget(part, line, column, 1, span, Qt.AlignmentFlag.AlignTop)
        part.show()


def breakable(text: str) -> str:
    """Let words that no column has room for, such as a handle, go on in the next line."""
    return " ".join(
        "\u200b".join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
        if len(word) > _LONGEST_WORD
        else word
        for word in text.split(" ")
    )


def _value(fact: Fact) -> QWidget:
    if not fact.is_figure:
        return Label(breakable(fact.value), wraps=True)
    made = MoneyLabel(fact.value)
    if fact.is_sum:
        made.setProperty("role", "strong")
    return made
