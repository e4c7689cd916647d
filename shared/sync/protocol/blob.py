"""Blobs go up in pieces and come down from any byte on; each side says what it has."""

from dataclasses import dataclass

MAX_PIECE_BYTES = 4 << 20
"""A device sends at most this much in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobReceived:
    """The answer to a piece of a blob, also to an empty one that only asks.

    The server has the first `received_bytes` of it, and everything once `is_complete`. The next
    piece starts there, even when that is before what was just sent: an unfinished one may be gone.
    """

    protocol: int
    sha256: str
    received_bytes: int
    is_complete: bool
