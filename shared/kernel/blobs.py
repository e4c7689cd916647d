"""Blobs: whole files that rows refer to by the SHA-256 of their content."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_BLOB_BYTES = 32 << 20
"""More than any picture or document of a shop; a device refuses pictures well below it."""
NAMED_BY = 16
"""So many first bytes of a file are enough to say what it is."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRef:
    """What a row or a command says of a blob: SHA-256 in hex, size in bytes, media type."""

    sha256: str
    size_bytes: int
    media_type: str


def _is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _begins(start: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(start)


_MARKS: Mapping[str, Callable[[bytes], bool]] = {
    "image/jpeg": _begins(b"\xff\xd8\xff"),
    "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
    "image/webp": _is_webp,
    "application/pdf": _begins(b"%PDF-"),
}
BLOB_TYPES = frozenset(_MARKS)
"""The media types that are kept; everything else is refused, whatever it calls itself."""
PICTURE_TYPES = frozenset(name for name in _MARKS if name.startswith("image/"))


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 in lower-case hex, and so may name a file."""
    return _SHA256.fullmatch(text) is not None


def media_type_of(head: bytes) -> str | None:
    """The media type that the first bytes of a file show, or None when it is not one we keep."""
    return next((name for name, shows in _MARKS.items() if shows(head)), None)


def fits(ref: BlobRef) -> bool:
    """Whether a reference can be that of a blob: its name, its size and its type."""
    is_sized = 0 < ref.size_bytes <= MAX_BLOB_BYTES
    return is_sha256(ref.sha256) and is_sized and ref.media_type in BLOB_TYPES
