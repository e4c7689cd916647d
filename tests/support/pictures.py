"""Files that look like pictures, of any size and always the same for one seed."""

import hashlib
import random

from shared.kernel.blobs import BlobRef, media_type_of

JPEG_START = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"


def picture(size_bytes: int = 100_000, seed: int = 1, start: bytes = JPEG_START) -> bytes:
    """Bytes that begin as a picture does; nothing that could be shown."""
    return start + random.Random(seed).randbytes(size_bytes - len(start))


def ref_of(content: bytes) -> BlobRef:
    """What a row says of them."""
    return BlobRef(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        media_type=media_type_of(content[:16]) or "",
    )
