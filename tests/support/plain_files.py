"""The pages of a sealed database in the clear: the way back from `desktop.sealing`."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shared.sync.protocol.bootstrap import PAGE_BYTES, RESERVED_BYTES

_NAME = b"SQLite format 3\x00"
_BODY_BYTES = PAGE_BYTES - RESERVED_BYTES
_IV_BYTES = 16


def plain_pages(sealed: Path, key: bytes) -> bytes:
    """All pages of a closed database, as SQLite without a key would have them."""
    content, pages = sealed.read_bytes(), []
    for start in range(0, len(content), PAGE_BYTES):
        page = content[start : start + PAGE_BYTES]
        body = page[len(_NAME) if start == 0 else 0 : _BODY_BYTES]
        vector = page[_BODY_BYTES : _BODY_BYTES + _IV_BYTES]
        opened = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor().update(body)
        pages.append((_NAME if start == 0 else b"") + opened + bytes(RESERVED_BYTES))
    return b"".join(pages)
