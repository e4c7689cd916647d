"""The addresses of synchronisation; the work is done in threads, never on the event loop."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.sync.cursor import Cursor
from shared.sync.endpoint import (
    CERTIFICATE_PATH,
    ENROL_PATH,
    PULL_PATH,
    PUSH_PATH,
    RELAY_PATH,
    TOKEN_PATH,
    VERIFY_PATH,
    WAIT_PATH,
)
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import DEFAULT_LIMIT
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.wait import Nudge
from sync_server.auth.throttle import Throttle
from sync_server.auth.tokens import Identity, Tokens
from sync_server.database import Database
from sync_server.sync import hub as nudging
from sync_server.sync import pull as pulling
from sync_server.sync import push as pushing
from sync_server.sync import relay as relaying
from sync_server.sync.certificate import certificate
from sync_server.sync.enrol import enrol
from sync_server.sync.hub import Hub
from sync_server.sync.token import exchange
from sync_server.sync.turn_taking import Turns, turns
from sync_server.sync.verify import Verifying
from sync_server.sync.wire import decode, read_body, reply

PUSHES_PER_TENANT = 2
"""More pushes of one tenant at a time would only hold threads while they wait for one lock."""
PULLS_PER_TENANT = 4
"""A tenant whose devices all come at once leaves connections for the others."""
_PAIRING_FAILURES = frozenset({"pairing_code_unknown", "pairing_code_used", "pairing_code_expired"})


@dataclass(slots=True)
class SyncEndpoints:
    """What the addresses need, and how each answers."""

    database: Database
    clock: Clock
    tokens: Tokens
    hub: Hub
    throttle: Throttle
    _verifying: Verifying = field(default_factory=Verifying)
    _pushes: Turns = field(default_factory=partial(turns, PUSHES_PER_TENANT))
    _pulls: Turns = field(default_factory=partial(turns, PULLS_PER_TENANT))

    def router(self) -> APIRouter:
        """The addresses of synchronisation."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(ENROL_PATH, self.enrol, methods=["POST"])
        router.add_api_route(TOKEN_PATH, self.token, methods=["POST"])
        router.add_api_route(PUSH_PATH, self.push, methods=["POST"])
        router.add_api_route(RELAY_PATH, self.relay, methods=["POST"])
        router.add_api_route(PULL_PATH, self.pull, methods=["GET"])
        router.add_api_route(WAIT_PATH, self.wait, methods=["GET"])
        router.add_api_route(VERIFY_PATH, self.verify, methods=["POST"])
        router.add_api_route(CERTIFICATE_PATH, self.certificate, methods=["POST"])
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

    async def relay(self, request: Request) -> Response:
        """A neighbour's commands in, how far they are settled out."""
        identity = await self._identity(request)
        body = await read_body(request)
        encoding = request.headers.get("content-encoding")

        def answer() -> RelayReply:
            return relaying.relay(self.database, identity, decode(body, encoding, RelayRequest))

        async with self._pushes[identity.tenant_id]:
            return reply(request, await run_in_threadpool(answer))

    async def certificate(self, request: Request) -> Response:
        """What the device shows its neighbours."""
        identity = await self._identity(request)
        return reply(request, await run_in_threadpool(certificate, self.database, identity))

    async def pull(
        self,
        request: Request,
        *,
        cursor: str = "0.0",
        limit: int = DEFAULT_LIMIT,
        filled_from: int | None = None,
        neighbours: bool = False,
    ) -> Response:
        """A page of changes."""
        asked = pulling.Asked(
            cursor=cursor, limit=limit, filled_from=filled_from, with_neighbours=neighbours
        )
        identity = await self._identity(request)

        def answer() -> Response:
            return reply(request, pulling.pull(self.database, self.clock, identity, asked=asked))

        async with self._pulls[identity.tenant_id]:
            return await run_in_threadpool(answer)

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
