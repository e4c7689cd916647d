"""Messages as bodies: JSON, compressed with zstd where it pays."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
import zstandard

from shared.kernel.errors import Unavailable

T = TypeVar("T")

LEVEL = 3
"""The knee: higher levels cost more time than they save."""
WORTH_COMPRESSING_BYTES = 512
MAX_BODY_BYTES = 256 << 20
"""Of an answer, unpacked; a page can hold one large commit."""


def encode(message: object) -> tuple[bytes, Mapping[str, str]]:
    """A message's body and the headers that say how it is written."""
    body = msgspec.json.encode(message)
    headers = {"Content-Type": "application/json"}
    if len(body) >= WORTH_COMPRESSING_BYTES:
        body = zstandard.ZstdCompressor(level=LEVEL).compress(body)
        headers["Content-Encoding"] = "zstd"
    return body, headers


def decode(body: bytes, kind: type[T], *, encoding: str | None) -> T:
    """The message in a body. Raises Unavailable("answer_malformed") when there is none.

    What is not our protocol usually comes from something between us and the server, such as the
    sign-in page of a network; it is no reason to give anything up.
    """
    try:
        return msgspec.json.decode(_plain(body, encoding), type=kind)
    except (msgspec.DecodeError, zstandard.ZstdError, UnicodeDecodeError) as error:
        raise Unavailable("answer_malformed", detail=str(error)[:200]) from error


def _plain(body: bytes, encoding: str | None) -> bytes:
    if encoding in {None, "", "identity"}:
        return body
    if encoding != "zstd":
        raise Unavailable("answer_malformed", detail=f"encoding {encoding}")
    stream = cast("Any", zstandard.ZstdDecompressor().stream_reader(body))
    plain = cast("bytes", stream.read(MAX_BODY_BYTES + 1))
    if len(plain) > MAX_BODY_BYTES:
        raise Unavailable("answer_malformed", detail="too large")
    return plain
