"""The addresses of synchronisation; the work is done in threads, never on the event loop."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.sync.cursor import Cursor
from shared.sync.endpoint import (
    BLOB_PATH,
    BOOTSTRAP_FILE_PATH,
    BOOTSTRAP_PATH,
    ENROL_PATH,
    PULL_PATH,
    PUSH_PATH,
    TOKEN_PATH,
    VERIFY_PATH,
    WAIT_PATH,
)
from shared.sync.protocol.blob import MAX_PIECE_BYTES
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import DEFAULT_LIMIT
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.wait import Nudge
from sync_server.auth.throttle import Throttle
from sync_server.auth.tokens import Identity, Tokens
from sync_server.database import Database
from sync_server.sync import hub as nudging
from sync_server.sync import pull as pulling
from sync_server.sync import push as pushing
from sync_server.sync.blobs import Blobs, Part
from sync_server.sync.bootstrap import Bootstraps
from sync_server.sync.enrol import enrol
from sync_server.sync.hub import Hub
from sync_server.sync.token import exchange
from sync_server.sync.verify import Verifying
from sync_server.sync.wire import decode, read_body, read_piece, reply

_BLOCK = 256 << 10
"""Of a file: hundreds may be on their way at once, some of them on slow lines."""
STARTS_PER_TENANT = 3
"""Devices that ask for their file have turns of their own: its store may be slow."""
FILES_READ_AT_ONCE = 8
"""In threads of their own, so that a slow object store keeps no other request waiting. What they
read is sent between the answers to others: with more at once those wait for all of it."""
PUSHES_PER_TENANT = 2
"""More pushes of one tenant at a time would only hold threads while they wait for one lock."""
PULLS_PER_TENANT = 4
"""A tenant whose devices all come at once leaves connections for the others."""
BLOBS_PER_TENANT = 2
"""Pieces of pictures at a time; they never hold what pushes and pulls need."""
BLOBS_TAKEN_AT_ONCE = 4
"""In threads of their own, too: a whole blob may take a slow object store a minute."""
_PARTIAL = 206
_PAIRING_FAILURES = frozenset({"pairing_code_unknown", "pairing_code_used", "pairing_code_expired"})


Turns = defaultdict[str, asyncio.Semaphore]


def _turns(most: int) -> Turns:
    """So many at a time of each tenant."""
    return defaultdict(lambda: asyncio.Semaphore(most))


@dataclass(slots=True)
class SyncEndpoints:
    """What the addresses need, and how each answers."""

    database: Database
    clock: Clock
    tokens: Tokens
    hub: Hub
    throttle: Throttle
    bootstraps: Bootstraps
    blobs: Blobs
    _verifying: Verifying = field(default_factory=Verifying)
    _pushes: Turns = field(default_factory=partial(_turns, PUSHES_PER_TENANT))
    _pulls: Turns = field(default_factory=partial(_turns, PULLS_PER_TENANT))
    _starts: Turns = field(default_factory=partial(_turns, STARTS_PER_TENANT))
    _pieces: Turns = field(default_factory=partial(_turns, BLOBS_PER_TENANT))
    _files: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FILES_READ_AT_ONCE))
    _taken: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(BLOBS_TAKEN_AT_ONCE))

    def router(self) -> APIRouter:
        """The addresses of synchronisation."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(ENROL_PATH, self.enrol, methods=["POST"])
        router.add_api_route(TOKEN_PATH, self.token, methods=["POST"])
        router.add_api_route(PUSH_PATH, self.push, methods=["POST"])
        router.add_api_route(PULL_PATH, self.pull, methods=["GET"])
        router.add_api_route(WAIT_PATH, self.wait, methods=["GET"])
        router.add_api_route(VERIFY_PATH, self.verify, methods=["POST"])
        router.add_api_route(BOOTSTRAP_PATH, self.bootstrap, methods=["GET"])
        router.add_api_route(BOOTSTRAP_FILE_PATH, self.bootstrap_file, methods=["GET"])
        router.add_api_route(f"{BLOB_PATH}/{{sha256}}", self.take_blob, methods=["PUT"])
        router.add_api_route(f"{BLOB_PATH}/{{sha256}}", self.blob, methods=["GET", "HEAD"])
        return router

    async def enrol(self, request: Request) -> Response:
        """Pairing code and public key in, identity out."""
        body = await read_body(request)
        caller = request.client.host if request.client else ""
        encoding = request.headers.get("content-encoding")

        def answer() -> EnrolReply:
            wanted = decode(body, encoding, EnrolRequest)
            self.throttle.check(caller)
            try:
                return enrol(self.database, self.clock, wanted)
            except Rejected as refusal:
                if refusal.code in _PAIRING_FAILURES:
                    self.throttle.count_failure(caller)
                raise

        return reply(request, await run_in_threadpool(answer))

    async def token(self, request: Request) -> Response:
        """Signed statement in, access token out."""
        body = await read_body(request)
        encoding = request.headers.get("content-encoding")

        def answer() -> TokenReply:
            wanted = decode(body, encoding, TokenRequest)
            return exchange(self.database, self.clock, wanted, tokens=self.tokens)

        return reply(request, await run_in_threadpool(answer))

    async def push(self, request: Request) -> Response:
        """Commands in, outcomes out."""
        identity = await self._identity(request)
        body = await read_body(request)
        encoding = request.headers.get("content-encoding")

        def answer() -> PushReply:
            return pushing.push(self.database, identity, decode(body, encoding, PushRequest))

        async with self._pushes[identity.tenant_id]:
            return reply(request, await run_in_threadpool(answer))

    async def pull(
        self,
        request: Request,
        *,
        cursor: str = "0.0",
        limit: int = DEFAULT_LIMIT,
        filled_from: int | None = None,
    ) -> Response:
        """A page of changes."""
        identity = await self._identity(request)

        def answer() -> Response:
            page = pulling.pull(
                self.database,
                self.clock,
                identity,
                cursor=cursor,
                limit=limit,
                filled_from=filled_from,
            )
            return reply(request, page)

        async with self._pulls[identity.tenant_id]:
            return await run_in_threadpool(answer)

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

    async def verify(self, request: Request) -> Response:
        """Sums by ranges in, rows of those that differ out."""
        identity = await self._identity(request)
        body = await read_body(request)
        encoding = request.headers.get("content-encoding")

        def answer() -> VerifyReply:
            wanted = decode(body, encoding, VerifyRequest)
            return self._verifying.verify(self.database, identity, wanted)

        return reply(request, await run_in_threadpool(answer))

    async def wait(self, request: Request, after: str | None = None) -> Response:
        """Server-sent events with the tenant's head; with `after`, one answer once it is past that.

        The second way is for devices behind something that keeps events back.
        """
        identity = await self._identity(request)
        if after is not None:
            return reply(request, await self._next_head(identity, Cursor.parse(after)))
        # Checked before the answer begins, so that a refusal still has its status.
        await run_in_threadpool(pulling.head, self.database, identity)
        return StreamingResponse(
            self._events(identity),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, identity: Identity) -> AsyncIterator[bytes]:
        seconds = (identity.expires_at - self.clock.now()).total_seconds()
        with self.hub.waiting(identity.tenant_id) as waiter:
            first = await run_in_threadpool(pulling.head, self.database, identity)
            async for event in nudging.nudges(waiter, first, seconds=seconds):
                yield event

    async def _next_head(self, identity: Identity, after: Cursor) -> Nudge:
        with self.hub.waiting(identity.tenant_id) as waiter:
            head = await run_in_threadpool(pulling.head, self.database, identity)
            return await nudging.next_nudge(waiter, head, after=after)

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
