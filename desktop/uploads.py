"""Which blobs the server does not have yet, as the journal keeps it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from shared.kernel.blobs import BlobRef
from shared.storage.types import time_to_text

UPLOAD_TABLE = """CREATE TABLE blob_upload (
    sha256 TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    queued_at TEXT NOT NULL
) STRICT"""


class Uploads:
    """The queue of blobs to be sent; it lies in the journal, so that a command never loses its own.

    `rows` asks the journal, `do` writes inside its `writing()`.
    """

    def __init__(self, rows: Callable[..., Sequence[Any]], do: Callable[..., None]) -> None:
        self._rows = rows
        self._do = do

    def add(self, blob: BlobRef, queued_at: datetime) -> None:
        """Have a blob sent; one that is waiting keeps its place."""
        self._do(
            "INSERT OR IGNORE INTO blob_upload VALUES (?, ?, ?, ?)",
            blob.sha256,
            blob.size_bytes,
            blob.media_type,
            time_to_text(queued_at),
        )

    def waiting(self) -> tuple[BlobRef, ...]:
        """What is to be sent, in the order in which it was added."""
        found = self._rows(
            "SELECT sha256, size_bytes, media_type FROM blob_upload ORDER BY queued_at, sha256"
        )
        return tuple(
            BlobRef(sha256=row.sha256, size_bytes=row.size_bytes, media_type=row.media_type)
            for row in found
        )

    def count(self) -> int:
        """How many are to be sent."""
        (found,) = self._rows("SELECT count(*) AS amount FROM blob_upload")
        return int(found.amount)

    def sent(self, sha256: str) -> None:
        """The server has it."""
        self._do("DELETE FROM blob_upload WHERE sha256 = ?", sha256)
