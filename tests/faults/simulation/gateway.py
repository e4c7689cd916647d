"""The server's addresses: tokens by device key, pairing codes, pushes, pages, nudges, outages."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.kernel.ids import DeviceId, LocationId, RegisterId
from shared.organization.commands import RegisterDevice, RevokeDevice, Workspace
from shared.organization.tables import DEVICE, DeviceRow, RegisterRow
from shared.storage.base import Row
from shared.storage.reader import Reader
from shared.storage.types import time_to_text
from shared.sync.codec import encode
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
from shared.sync.protocol.push import PushRequest
from shared.sync.protocol.relay import RelayRequest
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.verify import VerifyRequest
from shared.sync.protocol.wait import Nudge
from shared.sync.scopes import scopes_for
from sync_server.errors import Problem, status_of
from sync_server.sync.token import CLOCK_TOLERANCE
from sync_server.sync.wire import decode
from tests.faults.simulation.authority import Authority, AuthorityBackup
from tests.faults.simulation.chance import Moment

R = TypeVar("R", bound=Row)
TOKEN_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Ask:
    """A request as it arrives."""

    method: str
    path: str
    params: Mapping[str, str]
    authorization: str
    encoding: str | None
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An answer as it leaves."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """Where a pairing code places a device, and which device has used it."""

    workspace: Workspace
    location_id: LocationId | None
    register_id: RegisterId | None
    device_id: DeviceId | None = None


@dataclass(frozen=True)
class _Session:
    device_id: DeviceId
    expires_at: datetime


@dataclass
class Directory:
    """What a server knows of its devices besides rows; backed up with them."""

    public_keys: dict[str, bytes] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True)
class Copy:
    """A server's backup."""

    authority: AuthorityBackup
    directory: Directory


class Gateway:
    """One tenant's address; every call may raise ServerDied."""

    def __init__(self, authority: Authority, moment: Moment) -> None:
        self.authority = authority
        self.directory = Directory()
        self.is_up = True
        self.expires_early: Callable[[], bool] = lambda: False
        self._moment = moment
        self._sessions: dict[str, _Session] = {}
        self._codes = 0
        self._listeners: dict[asyncio.Event, None] = {}

    # -- requests ----------------------------------------------------------------------------

    def answer(self, ask: Ask) -> Answer:
        """Do what is asked; a refusal is an answer too."""
        try:
            message = self._message(ask)
        except CodedError as error:
            return _refusal(error)
        body, headers = encode(message)
        return Answer(200, headers, body)

    def _message(self, ask: Ask) -> object:
        if ask.path == TOKEN_PATH:
            return self._token(decode(ask.body, ask.encoding, TokenRequest))
        if ask.path == ENROL_PATH:
            return self._enrol(decode(ask.body, ask.encoding, EnrolRequest))
        device_id = self.device_of(ask)
        if ask.path in {PUSH_PATH, RELAY_PATH}:
            return self._work(device_id, ask)
        if ask.path == PULL_PATH:
            cursor, filled_from = Cursor.parse(ask.params["cursor"]), ask.params.get("filled_from")
            self.authority.require_log(cursor, None if filled_from is None else int(filled_from))
            return self.authority.pull(
                device_id,
                cursor,
                limit=int(ask.params["limit"]),
                with_neighbours=ask.params.get("neighbours") == "1",
            )
        if ask.path == WAIT_PATH:
            return Nudge(head=str(self.authority.head))
        if ask.path == VERIFY_PATH:
            return self.authority.verify(device_id, decode(ask.body, ask.encoding, VerifyRequest))
        if ask.path == CERTIFICATE_PATH:
            self.authority.public_keys = self.directory.public_keys
            return self.authority.certificate(device_id)
        raise Rejected("address_unknown", path=ask.path)

    def _work(self, device_id: DeviceId, ask: Ask) -> object:
        """Take commands; whoever waits is nudged when something came of them."""
        before = self.authority.head
        try:
            if ask.path == RELAY_PATH:
                self.authority.public_keys = self.directory.public_keys
                brought = decode(ask.body, ask.encoding, RelayRequest)
                return self.authority.relay(device_id, brought)
            request = decode(ask.body, ask.encoding, PushRequest)
            _check_origin(device_id, request)
            return self.authority.push(device_id, request)
        finally:
            if self.authority.head != before:
                self.nudge()

    def device_of(self, ask: Ask) -> DeviceId:
        """Whom a token names. Raises Rejected as the product does."""
        session = self._sessions.get(ask.authorization.removeprefix("Bearer "))
        if session is None:
            raise Rejected("token_invalid")
        if session.expires_at <= self._moment.now() or self.expires_early():
            del self._sessions[ask.authorization.removeprefix("Bearer ")]
            raise Rejected("token_expired")
        self._require_admitted(session.device_id)
        return session.device_id

    def _require_admitted(self, device_id: str) -> DeviceRow:
        device = self._row(DeviceRow, device_id)
        if device is None or not self.authority.knows(device_id):
            raise Rejected("device_unknown")
        if device.revoked_at is not None:
            raise Rejected("device_revoked", device=device.name)
        return device

    def _row(self, row_type: type[R], key: str) -> R | None:
        found = Reader(self.authority.connection).get(row_type, key)
        self.authority.connection.rollback()
        return found

    def _token(self, request: TokenRequest) -> TokenReply:
        key = self.directory.public_keys.get(request.device_id)
        if key is None:
            raise Rejected("token_refused")
        signed = TokenRequest.signed_bytes(
            request.tenant_id, request.device_id, issued_at=request.issued_at, nonce=request.nonce
        )
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(
                base64.b64decode(request.signature), signed
            )
        except InvalidSignature as error:
            raise Rejected("token_refused") from error
        self._require_admitted(request.device_id)
        now = self._moment.now()
        if abs(now - request.issued_at) > CLOCK_TOLERANCE:
            raise Rejected("clock_off", server_time=time_to_text(now))
        token = f"token-{request.nonce}"
        self._sessions[token] = _Session(request.device_id, now + TOKEN_LIFE)
        return TokenReply(access_token=token, expires_at=now + TOKEN_LIFE)

    # -- pairing -----------------------------------------------------------------------------

    def pairing_code(self, claim: Claim) -> str:
        """A code for one device, which takes the place of the one that was there."""
        self._codes += 1
        code = f"CODE-{self._codes}"
        self.directory.claims[code] = claim
        return code

    def _enrol(self, request: EnrolRequest) -> EnrolReply:
        claim = self.directory.claims.get(request.pairing_code)
        if claim is None:
            raise Rejected("pairing_code_unknown")
        if claim.device_id not in {None, request.device_id}:
            raise Rejected("pairing_code_used")
        if claim.device_id is None:
            self._admit(request, claim)
            claim = replace(claim, device_id=request.device_id)
            self.directory.claims[request.pairing_code] = claim
            self.nudge()
        register = None if claim.register_id is None else self._row(RegisterRow, claim.register_id)
        return EnrolReply(
            tenant_id=self.authority.tenant_id,
            tenant_name="Corner Store",
            device_id=request.device_id,
            incarnation=self.authority.link(request.device_id).incarnation,
            workspace=claim.workspace,
            location_id=claim.location_id,
            register_id=claim.register_id,
            scopes=scopes_for(claim.workspace, claim.location_id, claim.register_id),
            last_receipt_no=0 if register is None else register.last_receipt_no,
            last_z_no=0 if register is None else register.last_z_no,
            server_time=self._moment.now(),
            head=str(self.authority.head),
        )

    def _admit(self, request: EnrolRequest, claim: Claim) -> None:
        known = self._row(DeviceRow, request.device_id)
        if known is None:
            self._make_room(claim)
            self.authority.act(
                RegisterDevice(
                    device_id=request.device_id,
                    name=request.name,
                    workspace=claim.workspace,
                    location_id=claim.location_id,
                    register_id=claim.register_id,
                )
            )
        else:
            self._require_admitted(request.device_id)
            place = (known.workspace, known.location_id, known.register_id)
            if place != (claim.workspace, claim.location_id, claim.register_id):
                raise Rejected("device_placed_elsewhere", field="pairing_code", device=known.name)
        self.authority.admit(request.device_id)
        key = base64.b64decode(request.public_key)
        self.directory.public_keys[request.device_id] = key

    def _make_room(self, claim: Claim) -> None:
        if claim.register_id is None:
            return
        wanted = (DEVICE.c.register_id == claim.register_id, DEVICE.c.revoked_at.is_(None))
        others = Reader(self.authority.connection).find(DeviceRow, *wanted)
        self.authority.connection.rollback()
        for other in others:
            self.authority.act(RevokeDevice(device_id=other.device_id))

    # -- nudges ------------------------------------------------------------------------------

    def listen(self) -> asyncio.Event:
        """An event that is set whenever there is something to pull, or when the line ends."""
        news = asyncio.Event()
        self._listeners[news] = None
        return news

    def unlisten(self, news: asyncio.Event) -> None:
        """Hear no more."""
        self._listeners.pop(news, None)

    def nudge(self) -> None:
        """Tell all devices that there is something."""
        for news in list(self._listeners):
            news.set()

    # -- what befalls a server ---------------------------------------------------------------

    def go_down(self) -> None:
        """End the process; lines that were open end with it."""
        self.is_up = False
        self.nudge()

    def copy(self) -> Copy:
        """Back everything up."""
        return Copy(self.authority.copy(), deepcopy(self.directory))

    def become(self, copy: Copy, *, is_restore: bool) -> None:
        """Go back to a backup; whoever has a token keeps it until it ends."""
        self.authority.become(copy.authority, is_restore=is_restore)
        self.directory = deepcopy(copy.directory)
        self.nudge()

    def reset(self, copy: Copy) -> None:
        """Begin a story: nobody listens, no token is out, everything is as founded."""
        self._listeners.clear()
        self._sessions.clear()
        self._codes = 0
        self.is_up = True
        self.authority.committed = lambda _news: None
        self.become(copy, is_restore=False)


def _check_origin(device_id: DeviceId, request: PushRequest) -> None:
    for envelope in request.commands:
        if (envelope.device_id, envelope.incarnation) != (device_id, request.incarnation):
            raise Rejected("envelope_foreign", seq=envelope.seq)


def _refusal(error: CodedError) -> Answer:
    kind = "Unavailable" if isinstance(error, Unavailable) else "Rejected"
    body = Problem(
        title=kind,
        status=status_of(error),
        code=error.code,
        field=error.field,
        params=dict(error.params),
    )
    return Answer(
        body.status, {"Content-Type": "application/problem+json"}, msgspec.json.encode(body)
    )
