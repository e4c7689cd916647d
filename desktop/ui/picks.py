"""Which rows of a list are selected, by whole runs: a hundred thousand are asked as fast as one."""

from collections.abc import Hashable, Iterable
from typing import cast

from PySide6.QtCore import QItemSelectionModel, QItemSelectionRange

from desktop.ui.table_model import TableModel


def count(selection: QItemSelectionModel) -> int:
    """Say how many rows are selected, loaded or not."""
    return sum(run.height() for run in _runs(selection))


def keys(selection: QItemSelectionModel, model: TableModel) -> list[Hashable]:
    """Give the keys of the selected rows, loaded or not, from top to bottom."""
    runs = sorted((run.top(), run.bottom()) for run in _runs(selection))
    found = (model.key_at(at) for first, last in runs for at in range(first, last + 1))
    return [key for key in found if key is not None]


def _runs(selection: QItemSelectionModel) -> list[QItemSelectionRange]:
    # Qt's list of ranges can be gone through; the stubs do not know.
    runs = cast("Iterable[QItemSelectionRange]", selection.selection())
    return [run for run in runs if run.left() == 0]
