"""Bodies on the wire: msgspec JSON, zstd where the other end wants it, size limits."""

from typing import Any, TypeVar, cast

import msgspec
import zstandard
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.kernel.errors import Rejected

T = TypeVar("T")
MAX_BODY_BYTES = 16 << 20
"""More than any honest request: a push carries about 1 MiB, or one large command alone."""
_LEVEL = 3
_WORTH_COMPRESSING = 512


async def read_body(request: Request) -> bytes:
    """The body as it came, still compressed. Raises Rejected("body_too_large")."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise Rejected("body_too_large", limit=MAX_BODY_BYTES)
        chunks.append(chunk)
    return b"".join(chunks)


async def read_piece(request: Request, most: int) -> bytes:
    """The bytes of a body, also those that came before a line broke: they need not come again.

    Raises Rejected: body_too_large, or encoding_unknown for a packed one.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Rejected("encoding_unknown", encoding=request.headers["content-encoding"])
    came = bytearray()
    try:
        async for chunk in request.stream():
            came += chunk
            if len(came) > most:
                raise Rejected("body_too_large", limit=most)
    except ClientDisconnect:
        return bytes(came)
    return bytes(came)


def decode(body: bytes, encoding: str | None, kind: type[T]) -> T:
    """The message in a body.

    Raises Rejected: body_malformed, body_too_large or encoding_unknown.
    """
    try:
        return msgspec.json.decode(_plain(body, encoding), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected("body_malformed", detail=str(error)) from error


def reply(request: Request, message: object, *, status: int = 200) -> Response:
    """A message as JSON, compressed when the caller takes zstd."""
    body = msgspec.json.encode(message)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(body) >= _WORTH_COMPRESSING and _takes_zstd(request):
        body = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
        headers["Content-Encoding"] = "zstd"
    return Response(body, status, headers, media_type="application/json")


def _takes_zstd(request: Request) -> bool:
    accepted = request.headers.get("accept-encoding", "")
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() == "zstd":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _plain(body: bytes, encoding: str | None) -> bytes:
    """The body decompressed, never to more than the limit."""
    if encoding in {None, "", "identity"}:
        return body
    if encoding != "zstd":
        raise Rejected("encoding_unknown", encoding=str(encoding))
    stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body)
    try:
        plain = cast("bytes", cast("Any", stream).read(MAX_BODY_BYTES + 1))
    except zstandard.ZstdError as error:
        raise Rejected("body_malformed", detail=str(error)) from error
    if len(plain) > MAX_BODY_BYTES:
        raise Rejected("body_too_large", limit=MAX_BODY_BYTES)
    return plain
