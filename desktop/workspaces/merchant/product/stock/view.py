"""Stock of the chosen variant: a table of locations, the movements, and the two ways to change."""

from PySide6.QtWidgets import QHBoxLayout

from desktop.ui import i18n, theme
from desktop.ui.card import Card
from desktop.ui.fields import Choice, FieldKind, FieldSpec
from desktop.ui.label import ElidedLabel, Label, Role
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.product.view_model import ProductViewModel
from desktop.workspaces.merchant.words import REASON_BADGES, choices
from shared.inventory.commands import StockReason

BY_HAND = (StockReason.RECEIVED, StockReason.ADJUSTED, StockReason.DAMAGED)
_LEVEL_ROWS, _MOVEMENT_ROWS = 6, 8


class StockCard(Card):
    """Levels above, movements below; buttons go into `self.head`."""

    def __init__(self, view_model: ProductViewModel) -> None:
        super().__init__(i18n.tr("merchant.stock"), flush=True)
        self._vm = view_model
        self._of = ElidedLabel("", Role.MUTED)
        self.levels = ShortTable(
            view_model.levels, name=i18n.tr("merchant.stock.levels"), most=_LEVEL_ROWS
        )
        self.levels.set_empty("map-pin", i18n.tr("merchant.stock.levels.empty"))
        self.movements = ShortTable(
            view_model.movements, name=i18n.tr("merchant.stock.history"), most=_MOVEMENT_ROWS
        )
        self.movements.set_empty("history", i18n.tr("merchant.stock.history.empty"))
        line = QHBoxLayout()
        line.setContentsMargins(theme.S4 - 1, 0, theme.S4, 0)
        line.addWidget(self._of, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.levels)
        title = Label(i18n.tr("merchant.stock.history"), Role.STRONG)
        title.setContentsMargins(theme.S4 - 1, theme.S2, theme.S4 - 1, 0)
        self.body.addWidget(title)
        self.body.addWidget(self.movements)

    def show_variant(self) -> None:
        """Say whose stock this is, and whether it is kept at all."""
        variant = self._vm.variant
        if variant is None:
            self._of.set_whole("")
            return
        name = variant.title or i18n.tr("merchant.variant.only")
        words = " · ".join(part for part in (name, variant.sku or "") if part)
        if not variant.is_stock_tracked:
            words = f"{words} · {i18n.tr('merchant.stock.untracked')}"
        self._of.set_whole(words)


def adjust_fields(locations: list[Choice], digits: int) -> list[FieldSpec]:
    """The form of an adjustment; keys are the names of AdjustStock."""
    return [
        _location(locations),
        FieldSpec(
            key="reason",
            label_key="merchant.stock.reason",
            kind=FieldKind.CHOICE,
            choices=choices(REASON_BADGES, BY_HAND),
            is_half=True,
        ),
        FieldSpec(
            key="delta_qty",
            label_key="merchant.stock.delta",
            help_key="merchant.stock.delta.help",
            kind=FieldKind.QUANTITY,
            digits=digits,
            is_required=True,
            is_half=True,
        ),
        _note(),
    ]


def count_fields(locations: list[Choice], digits: int) -> list[FieldSpec]:
    """The form of a count; keys are the names of CountStock."""
    return [
        _location(locations),
        FieldSpec(
            key="counted_qty",
            label_key="merchant.stock.counted",
            help_key="merchant.stock.counted.help",
            kind=FieldKind.QUANTITY,
            digits=digits,
            is_required=True,
        ),
        _note(),
    ]


def _location(locations: list[Choice]) -> FieldSpec:
    return FieldSpec(
        key="location_id",
        label_key="merchant.stock.location",
        kind=FieldKind.CHOICE,
        choices=locations,
        is_required=True,
    )


def _note() -> FieldSpec:
    return FieldSpec(key="note", label_key="merchant.stock.note", longest=200)
