"""The door to blobs for screens: keep one, read one that is here, have one fetched."""

import asyncio
from collections.abc import Callable

from desktop.blobs import ref_of
from desktop.sync.courier import BlobState
from desktop.sync.engine import Engine
from desktop.work import Work
from shared.kernel.blobs import MAX_BLOB_BYTES, BlobRef
from shared.kernel.errors import Rejected

BLOB = "blob"
"""The kind under which the one change signal tells of blobs that came or whose state changed."""


class BlobDoor:
    """Files behind rows; lives on the UI thread, the disk is asked off it.

    `engine` gives the line to the server, or None while there is none.
    """

    def __init__(self, work: Work, engine: Callable[[], Engine | None]) -> None:
        self._work = work
        self._engine = engine

    async def keep(self, content: bytes) -> BlobRef:
        """Keep a file for a command that will refer to it; then it is on the disk.

        Raises Rejected: blob_type_unknown, blob_too_large; or Unavailable.
        """
        blob = await asyncio.to_thread(ref_of, content)
        if blob is None:
            raise Rejected("blob_type_unknown")
        if blob.size_bytes > MAX_BLOB_BYTES:
            raise Rejected("blob_too_large", limit_mib=MAX_BLOB_BYTES >> 20)
        await asyncio.to_thread(self._work.blobs.keep, content, blob)
        return blob

    async def read(self, blob: BlobRef) -> bytes | None:
        """A blob that is here, or None."""
        return await asyncio.to_thread(self._work.blobs.read, blob)

    def want(self, blob: BlobRef) -> None:
        """Have a blob fetched; the change signal tells under `BLOB` when it has come."""
        engine = self._engine()
        if engine is not None:
            engine.want_blob(blob)

    def let_be(self, blob: BlobRef) -> None:
        """Nobody looks at it any more."""
        engine = self._engine()
        if engine is not None:
            engine.let_blob_be(blob.sha256)

    def state(self, blob: BlobRef) -> BlobState:
        """How it stands with a blob that was asked for."""
        engine = self._engine()
        if engine is None or not engine.status.is_online:
            return BlobState.OFFLINE
        return engine.blob_state(blob.sha256) or BlobState.WANTED
