"""One quiet line that says where the packing slip of a parcel lies."""

from pathlib import Path

from desktop.ui.i18n import tr
from desktop.ui.label import ElidedLabel, Role
from desktop.workspaces.fulfillment.feedback import path_words


class SlipLine(ElidedLabel):
    """The path of the slip, whole in its tooltip; nothing before there is one."""

    def __init__(self) -> None:
        super().__init__("", Role.SMALL)

    def show_slip(self, slip: Path | None) -> None:
        """Show where it lies."""
        words = "" if slip is None else tr("fulfillment.slip_at", path=path_words(slip))
        self.set_whole(words)
