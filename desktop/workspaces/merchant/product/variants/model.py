"""The item model of the variants grid: its prices may be edited in place."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from desktop.ui.table_model import TableModel
from desktop.workspaces.merchant.product.rows import PRICE


class VariantTable(TableModel):
    """Variants as rows; the cells of the price column can be edited."""

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Let the price be edited."""
        usual = super().flags(index)
        is_price = index.isValid() and self.columns[index.column()].key == PRICE
        return usual | Qt.ItemFlag.ItemIsEditable if is_price else usual

    def price_index(self, place: int) -> QModelIndex:
        """The cell with the price of a row."""
        column = next(at for at, each in enumerate(self.columns) if each.key == PRICE)
        return self.index(place, column)
