"""The variants grid: prices typed in place, a form for everything else."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.delegates import CellDelegate
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue, Section
from desktop.ui.figure_field import MoneyField
from desktop.ui.table_model import ROW_ROLE
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.product.rows import PRICE, VariantLine
from desktop.workspaces.merchant.product.variants.model import VariantTable
from shared.catalog.tables import VariantRow
from shared.kernel.errors import Rejected

_Index = QModelIndex | QPersistentModelIndex
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_MOST_ROWS = 10


class PriceDelegate(CellDelegate):
    """Edits a price in its cell. Signals: `priced(variant_id, amount)`, `went_on` after Enter."""

    priced = Signal(str, int)
    went_on = Signal()

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """A money field in the row's currency."""
        row = index.data(ROW_ROLE)
        editor = MoneyField(row.currency, parent=parent)
        editor.setAccessibleName(f"{i18n.tr('merchant.variant.price_amount')}: {row.name}")
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index
    ) -> None:
        """Stand in the middle of the row."""
        cell = option.rect
        height = theme.current().density.control
        top = cell.top() + (cell.height() - height) // 2
        editor.setGeometry(cell.left() + 2, top, cell.width() - 4, height)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Show the price, marked so that typing replaces it."""
        row = index.data(ROW_ROLE)
        if isinstance(editor, MoneyField):
            editor.set_value(row.price_amount)
            editor.selectAll()

    def setModelData(self, editor: QWidget, _model: QObject, index: _Index) -> None:
        """Tell the new price; the row changes when the command is done."""
        row = index.data(ROW_ROLE)
        if not isinstance(editor, MoneyField) or not isinstance(row, VariantLine):
            return
        try:
            amount = editor.value()
        except Rejected:
            return
        if amount is not None and amount != row.price_amount:
            self.priced.emit(row.id, amount)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter takes the price and goes on to the next row, unless it cannot be read."""
        is_enter = (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in _ENTER
        )
        if not is_enter or not isinstance(editor, MoneyField):
            return super().eventFilter(editor, event)
        try:
            editor.value()
        except Rejected:
            editor.setProperty("invalid", "true")
            editor.style().unpolish(editor)
            editor.style().polish(editor)
            return True
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self.went_on.emit()
        return True


class VariantsTable(ShortTable):
    """The grid. Signal: `priced(variant_id, amount)` when somebody typed another price."""

    priced = Signal(str, int)

    def __init__(self, model: VariantTable) -> None:
        super().__init__(model, name=i18n.tr("merchant.variants.title"), most=_MOST_ROWS)
        self._model = model
        self._prices = PriceDelegate(self)
        column = next(at for at, each in enumerate(model.columns) if each.key == PRICE)
        self.setItemDelegateForColumn(column, self._prices)
        connect(self._prices.priced, self._tell)
        connect(self._prices.went_on, self._edit_next)

    def edit_price(self) -> None:
        """Let the price of the marked row be typed."""
        place = max(0, self.currentIndex().row())
        index = self._model.price_index(place)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def _edit_next(self) -> None:
        following = self.currentIndex().row() + 1
        if following < self._model.rowCount():
            self.setCurrentIndex(self._model.price_index(following))
            self.edit_price()
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, variant_id: str, amount: int) -> None:
        self.priced.emit(variant_id, amount)


def variant_fields(
    option_names: Sequence[str], rates: Sequence[Choice], currency: str
) -> list[Section]:
    """The form of a variant; the keys are the names of VariantSpec."""
    options = tuple(
        FieldSpec(
            key=f"option_{place}", label=name, is_required=True, is_half=len(option_names) > 1
        )
        for place, name in enumerate(option_names)
    )
    label = "merchant.variant"
    codes = (
        FieldSpec(key="sku", label_key=f"{label}.sku", is_half=True, longest=64),
        FieldSpec(key="barcodes", label_key=f"{label}.barcodes", kind=FieldKind.TAGS, is_half=True),
    )
    money = tuple(
        FieldSpec(
            key=key,
            label_key=f"{label}.{key}",
            kind=FieldKind.MONEY,
            currency=currency,
            is_half=True,
            is_required=key == PRICE,
        )
        for key in (PRICE, "compare_at_amount", "cost_amount")
    )
    tax = FieldSpec(
        key="tax_code",
        label_key=f"{label}.tax_code",
        kind=FieldKind.CHOICE,
        choices=rates,
        is_half=True,
        is_required=True,
    )
    switches = tuple(
        FieldSpec(key=key, label_key=f"{label}.{key}", kind=FieldKind.SWITCH, is_half=True)
        for key in ("is_stock_tracked", "allows_oversell", "requires_shipping")
    )
    sections = [Section("", (*codes, *money, tax)), Section("", switches)]
    return [Section("", options), *sections] if options else sections


def variant_values(
    variant: VariantRow | None, barcodes: tuple[str, ...], *, tax_code: str
) -> dict[str, FieldValue]:
    """What stands in the form of a variant; of a new one, what is usual."""
    if variant is None:
        return {
            "tax_code": tax_code,
            "is_stock_tracked": True,
            "allows_oversell": False,
            "requires_shipping": True,
        }
    values: dict[str, FieldValue] = {
        f"option_{place}": value for place, value in enumerate(variant.option_values)
    }
    return values | {
        "sku": variant.sku or "",
        "barcodes": barcodes,
        "price_amount": variant.price_amount,
        "compare_at_amount": variant.compare_at_amount,
        "cost_amount": variant.cost_amount,
        "tax_code": variant.tax_code,
        "is_stock_tracked": variant.is_stock_tracked,
        "allows_oversell": variant.allows_oversell,
        "requires_shipping": variant.requires_shipping,
    }
