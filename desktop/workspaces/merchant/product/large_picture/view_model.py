"""State of the large picture: the blob once it is here, and until then what it waits for."""

from PySide6.QtCore import QObject

from desktop.sync.blob_door import BLOB
from desktop.sync.courier import BlobState
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from shared.catalog.tables import MediaRow


class LargePictureViewModel(ViewModel):
    """One picture. `content` is the file itself, None until it is here; `small` is always there.

    `state` says why it is not here, and is None once it is, or where there is only the small one.
    """

    watches = frozenset({BLOB})

    def __init__(self, desk: Desk, media: MediaRow, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._blobs = desk.blobs
        self.small = media.thumbnail
        self.blob = media.picture
        self.content: bytes | None = None
        self.state: BlobState | None = None

    async def refresh(self) -> None:
        """Read the picture, or have it fetched."""
        blob = self.blob
        if blob is None or self.content is not None:
            return
        self.content = await self._blobs.read(blob)
        self.state = None
        if self.content is None:
            self._blobs.want(blob)
            self.state = self._blobs.state(blob)
        self.changed.emit()

    def dispose(self) -> None:
        """Nobody looks at it any more: what has come of it is kept, the rest is not fetched."""
        if self.blob is not None and self.content is None:
            self._blobs.let_be(self.blob)
        super().dispose()
