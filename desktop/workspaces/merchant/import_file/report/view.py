"""What a check of a file found out: effects, money to the cent, rows that stay out."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.actions import ActionSet
from desktop.ui.badge import BadgeLabel
from desktop.ui.binding import connect
from desktop.ui.card import Card
from desktop.ui.facts import Fact, Facts
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.import_file.heard import HeardKind
from desktop.workspaces.merchant.import_file.rows import Effect, adds_up, effects, money, row_counts
from desktop.workspaces.merchant.import_file.view_model import ImportViewModel
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.lists.view import Segment, Segments, ShortTable
from shared.runtime.import_run import ImportReport

_MOST_ROWS = 12


class ReportCards(QWidget):
    """What a check found out: effects, money to the cent, and the rows that stay out."""

    def __init__(self, vm: ImportViewModel, actions: ActionSet) -> None:
        super().__init__()
        self._vm = vm
        self._effects, self._counts, self._money = Facts(), Facts(), Facts()
        self._adds_up = BadgeLabel("")
        self._segments = Segments(
            [
                Segment(HeardKind.REFUSED, i18n.tr("merchant.import.refused")),
                Segment(HeardKind.REMARK, i18n.tr("merchant.import.remarks")),
            ],
            name=i18n.tr("merchant.import.rows"),
        )
        self._rows = ShortTable(vm.table, name=i18n.tr("merchant.import.rows"), most=_MOST_ROWS)
        self._rows.set_empty("circle-check", i18n.tr("merchant.import.rows.none"))
        rows = Card(i18n.tr("merchant.import.rows"), flush=True)
        rows.head.addWidget(small_button(actions, "import.export"))
        line = QHBoxLayout()
        line.setContentsMargins(theme.S3, 0, theme.S3, 0)
        line.addWidget(self._segments)
        line.addStretch(1)
        rows.body.addLayout(line)
        rows.body.addWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S4)
        column.addLayout(self._figures())
        column.addWidget(rows)
        connect(self._segments.chosen, self._show_kind)

    def _figures(self) -> QHBoxLayout:
        """What changes, how many rows, and what it is worth, side by side."""
        changes = Card(i18n.tr("merchant.import.effects"))
        changes.body.addWidget(self._effects)
        sums = Card(i18n.tr("merchant.import.money"))
        sums.head.addWidget(self._adds_up)
        sums.body.addWidget(self._money)
        counts = Card(i18n.tr("merchant.import.counts"))
        counts.body.addWidget(self._counts)
        across = QHBoxLayout()
        across.setSpacing(theme.S4)
        for card in (changes, counts, sums):
            card.body.addStretch(1)
            across.addWidget(card, 1)
        return across

    def show_report(self, vm: ImportViewModel) -> None:
        """Show what was found out, if something was."""
        report = vm.report
        self.setVisible(report is not None)
        if report is None:
            return
        self._effects.set_facts(_facts(effects(report.effects), "merchant.import.nothing"))
        self._counts.set_facts(_facts(row_counts(report.totals)))
        self._show_money(report)
        for kind in HeardKind:
            self._segments.set_count(kind, i18n.format_number(vm.heard.count(kind)))

    def _show_money(self, report: ImportReport) -> None:
        lines = money(report.totals)
        facts = [Fact(line.name, line.value, is_figure=True) for line in lines[:-1]]
        total = lines[-1]
        self._money.set_facts([*facts, Fact(total.name, total.value, is_sum=True, is_figure=True)])
        is_sound = adds_up(report.totals)
        key = "merchant.import.adds_up" if is_sound else "merchant.import.differs"
        tone = Tone.OK if is_sound else Tone.DANGER
        icon = "circle-check" if is_sound else "circle-alert"
        self._adds_up.set_badge(i18n.tr(key), tone, icon)

    def _show_kind(self, value: str) -> None:
        self._vm.show_heard(HeardKind(value))


def _facts(lines: list[Effect], nothing_key: str = "") -> list[Fact]:
    if not lines and nothing_key:
        return [Fact(i18n.tr(nothing_key), "")]
    return [Fact(line.name, line.value, is_figure=True) for line in lines]
