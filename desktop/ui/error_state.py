"""Error states: what a list or screen says when it could not be loaded, with "Try again"."""

from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.empty_state import EmptyState
from desktop.ui.theme import Tone
from shared.kernel.errors import CodedError, Unavailable


class ErrorState(EmptyState):
    """Says the cause and the next step of an error; `acted` asks to try again."""

    def __init__(self, error: Exception, *, parent: QWidget | None = None) -> None:
        is_known = isinstance(error, CodedError)
        is_away = isinstance(error, Unavailable)
        text = i18n.error_text(error) if isinstance(error, CodedError) else ""
        super().__init__(
            "cloud-off" if is_away else "triangle-alert",
            i18n.tr("ui.error.unavailable" if is_away else "ui.error.failed"),
            text if is_known else i18n.tr("ui.error.reported"),
            action=i18n.tr("ui.retry"),
            tone=Tone.WARN if is_away else Tone.DANGER,
            parent=parent,
        )
