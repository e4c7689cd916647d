"""The addresses of files: those that devices start from, and blobs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.sync.endpoint import BLOB_PATH, BOOTSTRAP_FILE_PATH, BOOTSTRAP_PATH
from shared.sync.protocol.blob import MAX_PIECE_BYTES
from sync_server.auth.tokens import Identity, Tokens
from sync_server.sync.blobs import Blobs, Part
from sync_server.sync.bootstrap import Bootstraps
from sync_server.sync.turn_taking import Turns, turns
from sync_server.sync.wire import read_piece, reply

_BLOCK = 256 << 10
"""Of a file: hundreds may be on their way at once, some of them on slow lines."""
STARTS_PER_TENANT = 3
"""Devices that ask for their file have turns of their own: its store may be slow."""
FILES_READ_AT_ONCE = 8
"""In threads of their own, so that a slow object store keeps no other request waiting. What they
read is sent between the answers to others: with more at once those wait for all of it."""
BLOBS_PER_TENANT = 2
"""Pieces of pictures at a time; they never hold what pushes and pulls need."""
BLOBS_TAKEN_AT_ONCE = 4
"""In threads of their own, too: a whole blob may take a slow object store a minute."""
_PARTIAL = 206


@dataclass(slots=True)
class FileEndpoints:
    """What the addresses need, and how each answers."""

    tokens: Tokens
    bootstraps: Bootstraps
    blobs: Blobs
    _starts: Turns = field(default_factory=partial(turns, STARTS_PER_TENANT))
    _pieces: Turns = field(default_factory=partial(turns, BLOBS_PER_TENANT))
    _files: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FILES_READ_AT_ONCE))
    _taken: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(BLOBS_TAKEN_AT_ONCE))

    def router(self) -> APIRouter:
        """The addresses of files."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(BOOTSTRAP_PATH, self.bootstrap, methods=["GET"])
        router.add_api_route(BOOTSTRAP_FILE_PATH, self.bootstrap_file, methods=["GET"])
        router.add_api_route(f"{BLOB_PATH}/{{sha256}}", self.take_blob, methods=["PUT"])
        router.add_api_route(f"{BLOB_PATH}/{{sha256}}", self.blob, methods=["GET", "HEAD"])
        return router

    async def bootstrap(self, request: Request, schema: str = "") -> Response:
        """What there is for a device that starts."""
        identity = await self._identity(request)
        async with self._starts[identity.tenant_id]:
            asked = partial(self.bootstraps.offer, identity, schema=schema)
            offer = await to_thread.run_sync(asked, limiter=self._files)
        return reply(request, offer)

    async def bootstrap_file(self, request: Request, cursor: str = "", start: int = 0) -> Response:
        """A file's bytes from `start` on."""
        identity = await self._identity(request)
        asked = partial(self.bootstraps.open, identity, cursor=cursor)
        async with self._starts[identity.tenant_id]:
            file = await to_thread.run_sync(asked, limiter=self._files)
        return StreamingResponse(
            self._bytes_of(file, start),
            media_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def take_blob(
        self, request: Request, sha256: str, *, start: int = 0, size: int = 0
    ) -> Response:
        """A piece of a blob in, how much of it is here out."""
        identity = await self._identity(request)
        piece = await read_piece(request, MAX_PIECE_BYTES)
        take = partial(self.blobs.take, identity, sha256, piece, start=start, size_bytes=size)
        async with self._pieces[identity.tenant_id]:
            received = await to_thread.run_sync(take, limiter=self._taken)
        return reply(request, received)

    async def blob(self, request: Request, sha256: str) -> Response:
        """A blob's bytes, all or those of one range; HEAD says what there is."""
        identity = await self._identity(request)
        wanted = request.headers.get("range")
        asked = partial(self.blobs.open, identity, sha256, wanted)
        async with self._pieces[identity.tenant_id]:
            part = await to_thread.run_sync(asked, limiter=self._files)
        if request.method == "HEAD":
            part.file.close()
            return Response(headers=_about(part), media_type=part.media_type)
        return StreamingResponse(
            self._bytes_of(part.file, part.start, part.end),
            _PARTIAL if wanted and not part.is_whole else 200,
            headers=_about(part),
            media_type=part.media_type,
        )

    async def _bytes_of(
        self, file: BinaryIO, start: int, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Bytes `start` up to but not including `end`, else all that follow; closes the file."""
        at = max(0, start)
        with file:
            file.seek(at)
            while most := _BLOCK if end is None else min(_BLOCK, end - at):
                block = await to_thread.run_sync(file.read, most, limiter=self._files)
                if not block:
                    return
                at += len(block)
                yield block

    async def _identity(self, request: Request) -> Identity:
        return await run_in_threadpool(self.tokens.read, request.headers.get("authorization"))


def _about(part: Part) -> dict[str, str]:
    """Headers of a blob; it is shown to nobody as a page, and kept by nobody on the way."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Length": str(part.end - part.start),
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if not part.is_whole:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{part.size_bytes}"
    return headers
