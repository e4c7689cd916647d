"""The server over HTTP: tokens by device key, one retry with a fresh one, errors as our own."""

import asyncio
import base64
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Generic, TypeVar

import httpx
import msgspec

from desktop.journal import Identity
from desktop.secrets import DeviceKey
from shared.kernel.blobs import BlobRef
from shared.kernel.clock import Clock
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.sync import codec
from shared.sync.cursor import START, Cursor
from shared.sync.endpoint import (
    BLOB_PATH,
    BOOTSTRAP_FILE_PATH,
    BOOTSTRAP_PATH,
    CERTIFICATE_PATH,
    ENROL_PATH,
    PULL_PATH,
    PUSH_PATH,
    RELAY_PATH,
    TOKEN_PATH,
    UNREACHABLE,
    VERIFY_PATH,
    WAIT_PATH,
)
from shared.sync.protocol.blob import BlobReceived
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.verify import VerifyReply, VerifyRequest
from shared.sync.protocol.wait import Nudge

T = TypeVar("T")
_AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]
_log = logging.getLogger(__name__)

_TIMEOUTS = httpx.Timeout(connect=10.0, read=60.0, write=60.0, pool=10.0)
"""In seconds. The server sends a sign of life every 20 s while a device waits."""
_TOKEN_SECONDS = 480.0
"""Tokens last ten minutes at most; a new one is asked for before that."""
_BLOCK = 1 << 18
_FIRST_EVENT_SECONDS = 10.0
"""The server says its head at once; where nothing is heard, something on the way keeps it back."""
_UNAUTHORISED = 401
_TOO_MANY = 429
_SERVER_FAULT = 500
_OWN_NAMES = frozenset({"code", "field"})


class _Problem(msgspec.Struct):
    """What the server says of an error."""

    code: str
    field: str | None = None
    params: Mapping[str, str | int] = {}


class _Line:
    """One connection pool to one server."""

    def __init__(self, server_url: str, transport: httpx.AsyncBaseTransport | None) -> None:
        self.client = httpx.AsyncClient(
            base_url=server_url, timeout=_TIMEOUTS, transport=transport, follow_redirects=False
        )
        self.carried_bytes = 0

    async def ask(self, call: "_Call[T]", *, token: str | None = None) -> T:
        """Send a message and read the answer. Raises Rejected or Unavailable."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        content: bytes | None = call.content
        if call.message is not None:
            content, described = codec.encode(call.message)
            headers |= described
        try:
            response = await self.client.request(
                call.method, call.path, content=content, headers=headers, params=call.params
            )
        except httpx.TransportError as error:
            raise unreachable(error) from error
        except httpx.DecodingError as error:
            raise Unavailable("answer_malformed", detail=str(error)[:200]) from error
        self.carried_bytes += response.num_bytes_downloaded + len(content or b"")
        if not response.is_success:
            raise refusal(response.status_code, response.content)
        return codec.decode(response.content, call.kind, encoding=None)


@dataclass(frozen=True, slots=True)
class _Call(Generic[T]):
    """One request: where, what, and what kind of answer is expected."""

    method: str
    path: str
    kind: type[T]
    message: object = None
    params: Mapping[str, str | int] | None = None
    content: bytes | None = None
    """A body that is no message."""


def unreachable(error: httpx.TransportError) -> Unavailable:
    """What a failed transport means: nobody there, or somebody whom we must not trust."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unavailable("server_untrusted")
        cause = cause.__cause__ or cause.__context__
    return Unavailable(UNREACHABLE)


def refusal(status: int, body: bytes) -> CodedError:
    """The error in an answer: Rejected where the server refuses, Unavailable where it cannot."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Not our server: a proxy, or the sign-in page of a network.
        return Unavailable("answer_malformed", status=status)
    kind = Unavailable if status == _TOO_MANY or status >= _SERVER_FAULT else Rejected
    params = {name: value for name, value in problem.params.items() if name not in _OWN_NAMES}
    return kind(problem.code, field=problem.field, **params)


class HttpEnrolment:
    """The one call of a machine that is not a device yet."""

    def __init__(
        self, server_url: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._server_url = server_url
        self._transport = transport

    async def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Become a device. Raises Rejected or Unavailable."""
        line = _Line(self._server_url, self._transport)
        async with line.client:
            return await line.ask(_Call("POST", ENROL_PATH, EnrolReply, request))


class HttpEndpoint:
    """The calls of one enrolled device; used on one event loop."""

    def __init__(
        self,
        identity: Identity,
        key: DeviceKey,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        first_event_s: float = _FIRST_EVENT_SECONDS,
    ) -> None:
        self._identity = identity
        self._key = key
        self._clock = clock
        self._line = _Line(identity.server_url, transport)
        self._token = ""
        self._token_until = 0.0
        self._signing_key = ""
        self._clock_error = timedelta()
        self._filled_from: int | None = None
        self._first_event_s = first_event_s
        self._must_poll = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def carried_bytes(self) -> int:
        """How many bytes of messages and files went over the line so far, both ways."""
        return self._line.carried_bytes

    async def push(self, request: PushRequest) -> PushReply:
        """Hand commands over. Raises Rejected or Unavailable."""
        return await self._ask(_Call("POST", PUSH_PATH, PushReply, request))

    async def pull(self, cursor: Cursor, *, limit: int, with_neighbours: bool = False) -> PullPage:
        """The changes after `cursor`. Raises Rejected or Unavailable."""
        params: dict[str, str | int] = {"cursor": str(cursor), "limit": limit}
        if with_neighbours:
            params["neighbours"] = 1
        if cursor != START and self._filled_from is not None:
            params["filled_from"] = self._filled_from
        page = await self._ask(_Call("GET", PULL_PATH, PullPage, params=params))
        if cursor == START:
            self._filled_from = page.log_from
        if page.is_last:
            self._filled_from = None
        return page

    async def verify(self, request: VerifyRequest) -> VerifyReply:
        """Compare one table in one scope. Raises Rejected or Unavailable."""
        return await self._ask(_Call("POST", VERIFY_PATH, VerifyReply, request))

    async def nudges(self) -> AsyncIterator[Cursor]:
        """The tenant's head, as server-sent events; asked for one by one where those do not come.

        Raises Rejected or Unavailable.
        """
        if not self._must_poll:
            async for head in self._events():
                yield head
        after = START
        while self._must_poll:
            params: dict[str, str | int] = {"after": str(after)}
            nudge = await self._ask(_Call("GET", WAIT_PATH, Nudge, params=params))
            after = Cursor.parse(nudge.head)
            yield after

    async def _events(self) -> AsyncIterator[Cursor]:
        """Heads from an open answer, until it ends or turns out to be kept back on its way."""
        for attempt in (1, 2):
            token = await self._current_token()
            headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
            try:
                async with self._line.client.stream("GET", WAIT_PATH, headers=headers) as response:
                    if response.status_code == _UNAUTHORISED and attempt == 1:
                        self._forget(token)
                        continue
                    if not response.is_success:
                        raise refusal(response.status_code, await response.aread())
                    async for text in self._lines(response):
                        head = _head_in(text)
                        if head is not None:
                            yield head
            except httpx.TransportError as error:
                raise unreachable(error) from error
            return

    async def signing_key(self) -> str:
        """The key that came with the token. Raises Rejected or Unavailable."""
        await self._current_token()
        return self._signing_key

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        """What there is for a device that starts. Raises Rejected or Unavailable."""
        call = _Call("GET", BOOTSTRAP_PATH, BootstrapOffer, params={"schema": schema})
        return await self._ask(call)

    def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        """A file's bytes from `start` on. Raises Rejected or Unavailable."""
        params: dict[str, str | int] = {"cursor": file.cursor, "start": start}
        return self._bytes(BOOTSTRAP_FILE_PATH, params=params)

    async def send_blob(self, blob: BlobRef, piece: bytes, *, start: int) -> BlobReceived:
        """Hand over a piece of a blob. Raises Rejected or Unavailable."""
        params: dict[str, str | int] = {"start": start, "size": blob.size_bytes}
        path = f"{BLOB_PATH}/{blob.sha256}"
        return await self._ask(_Call("PUT", path, BlobReceived, params=params, content=piece))

    def fetch_blob(self, blob: BlobRef, *, start: int, end: int) -> AsyncIterator[bytes]:
        """Some bytes of a blob. Raises Rejected or Unavailable."""
        wanted = {"Range": f"bytes={start}-{end - 1}"}
        return self._bytes(f"{BLOB_PATH}/{blob.sha256}", headers=wanted)

    async def _bytes(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[bytes]:
        """The bytes of an answer as they are sent: nobody on the way may pack them."""
        for attempt in (1, 2):
            token = await self._current_token()
            said = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            said |= dict(headers or {})
            asked = self._line.client.stream("GET", path, params=params, headers=said)
            try:
                async with asked as response:
                    if response.status_code == _UNAUTHORISED and attempt == 1:
                        self._forget(token)
                        continue
                    if not response.is_success:
                        raise refusal(response.status_code, await response.aread())
                    async for block in response.aiter_raw(_BLOCK):
                        self._line.carried_bytes += len(block)
                        yield block
            except httpx.TransportError as error:
                raise unreachable(error) from error
            return

    async def certificate(self) -> CertificateReply:
        """What proves to neighbours who this device is. Raises Rejected or Unavailable."""
        return await self._ask(_Call("POST", CERTIFICATE_PATH, CertificateReply))

    async def relay(self, request: RelayRequest) -> RelayReply:
        """Hand over what a neighbour could not. Raises Rejected or Unavailable."""
        return await self._ask(_Call("POST", RELAY_PATH, RelayReply, request))

    async def _lines(self, response: httpx.Response) -> AsyncIterator[str]:
        """The lines of an answer; none where the first does not come in time."""
        lines = response.aiter_lines()
        patience: float | None = self._first_event_s
        while True:
            try:
                async with asyncio.timeout(patience):
                    text = await anext(lines)
            except StopAsyncIteration:
                return
            except TimeoutError:
                _log.warning("events are kept back on their way; asking for each head instead")
                self._must_poll = True
                return
            patience = None
            yield text

    async def close(self) -> None:
        """Give up all connections."""
        await self._line.client.aclose()

    # -- tokens ------------------------------------------------------------------------------

    async def _ask(self, call: _Call[T]) -> T:
        token = await self._current_token()
        try:
            return await self._line.ask(call, token=token)
        except Rejected as error:
            if error.code not in _STALE_TOKEN:
                raise
        self._forget(token)
        return await self._line.ask(call, token=await self._current_token())

    def _forget(self, token: str) -> None:
        if token == self._token:
            self._token = ""

    async def _current_token(self) -> str:
        """A token that should be valid; asked for once, however many wait for it."""
        async with self._one_at_a_time:
            if not self._token or time.monotonic() >= self._token_until:
                asked_at = time.monotonic()
                reply = await self._new_token()
                self._token, self._signing_key = reply.access_token, reply.signing_key
                self._token_until = asked_at + _TOKEN_SECONDS
            return self._token

    async def _new_token(self) -> TokenReply:
        """A till whose clock is wrong still sells, so it must get through: it learns the time."""
        try:
            return await self._line.ask(self._token_call())
        except Rejected as error:
            server_time = error.params.get("server_time")
            if error.code != "clock_off" or not isinstance(server_time, str):
                raise
            self._clock_error = _moment(server_time) - self._clock.now()
        _log.warning("this clock is off by %s", -self._clock_error)
        return await self._line.ask(self._token_call())

    def _token_call(self) -> _Call[TokenReply]:
        return _Call("POST", TOKEN_PATH, TokenReply, self._signed_request())

    def _signed_request(self) -> TokenRequest:
        identity, issued_at = self._identity, self._clock.now() + self._clock_error
        nonce = base64.urlsafe_b64encode(os.urandom(18)).decode()
        signed = TokenRequest.signed_bytes(
            identity.tenant_id, identity.device_id, issued_at=issued_at, nonce=nonce
        )
        return TokenRequest(
            tenant_id=identity.tenant_id,
            device_id=identity.device_id,
            issued_at=issued_at,
            nonce=nonce,
            signature=self._key.sign(signed),
        )


_STALE_TOKEN = frozenset({"token_missing", "token_invalid", "token_expired"})


def _moment(text: str) -> datetime:
    """The server's time as it says it. Raises Unavailable when that is no time with a zone."""
    try:
        return msgspec.convert(text, type=_AwareTime)
    except msgspec.ValidationError as error:
        raise Unavailable("answer_malformed", detail=str(error)[:200]) from error


def _head_in(text: str) -> Cursor | None:
    """The head in one line of an event stream; None for signs of life and empty lines."""
    if not text.startswith("data:"):
        return None
    try:
        return Cursor.parse(msgspec.json.decode(text[5:].encode(), type=Nudge).head)
    except msgspec.DecodeError as error:
        raise Unavailable("answer_malformed", detail=str(error)[:200]) from error
