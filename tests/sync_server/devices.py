"""A shop on a real server, and devices that speak the wire by hand."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.customers.commands import SaveCustomer
from shared.kernel.clock import Clock
from shared.kernel.ids import (
    CustomerId,
    DeviceId,
    LocationId,
    RegisterId,
    StoreId,
    TenantId,
    UserId,
    new_id,
)
from shared.kernel.messages import FIRST_HASH, Command, Envelope, canonical_json
from shared.kernel.permissions import Role
from shared.organization.commands import AddLocation, AddRegister, AddUser, OpenStore, Workspace
from shared.sync.endpoint import RELAY_PATH
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply, PushRequest
from shared.sync.protocol.relay import RelayReply, RelayRequest, signed_head
from shared.sync.protocol.token import TokenReply, TokenRequest
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server.auth import pairing
from sync_server.tenancy import Tenant
from sync_server.work import run_in
from tests.support.databases import ServerDatabase

T = TypeVar("T")
NOWHERE = TenantId("")
"""The tenant of a device that is not enrolled."""


class Site:
    """One tenant with a store, two locations with a till each, an owner and a cashier."""

    def __init__(self, server: ServerDatabase, client: httpx.Client) -> None:
        self.server = server
        self.client = client
        self.tenant: Tenant = server.new_tenant()
        self.tenant_id: TenantId = self.tenant.tenant_id
        self.store_id = StoreId(new_id())
        self.location_ids = (LocationId(new_id()), LocationId(new_id()))
        self.register_ids = (RegisterId(new_id()), RegisterId(new_id()))
        self.owner_id = UserId(new_id())
        self.cashier_id = UserId(new_id())
        self.run(*self._opening())

    def _opening(self) -> list[Command]:
        store = OpenStore(
            store_id=self.store_id,
            name="Corner Shop",
            currency="EUR",
            country="DE",
            language="de",
            timezone="Europe/Berlin",
            is_tax_inclusive=True,
        )
        places: list[Command] = []
        for n, (location_id, register_id) in enumerate(
            zip(self.location_ids, self.register_ids, strict=True), start=1
        ):
            places += [
                AddLocation(
                    location_id=location_id, store_id=self.store_id, name=f"L{n}", code=f"L{n}"
                ),
                AddRegister(
                    register_id=register_id, location_id=location_id, name=f"K{n}", code=f"K{n}"
                ),
            ]
        staff = (
            AddUser(user_id=self.owner_id, name="Olga", role=Role.OWNER),
            AddUser(user_id=self.cashier_id, name="Carl", role=Role.CASHIER),
        )
        return [store, *places, *staff]

    def run(self, *commands: Command) -> int:
        """Run commands of the server itself in one commit; its number."""
        with self.server.database.tenant_transaction(self.tenant_id) as unit:
            for command in commands:
                run_in(unit, command)
        return unit.seq

    def code(
        self,
        workspace: Workspace = Workspace.MERCHANT,
        *,
        till: int = 0,
        does_replace: bool = False,
    ) -> str:
        """A pairing code for the back office, or for a till of that number."""
        is_kiosk = workspace is Workspace.KIOSK
        place = pairing.Place(
            tenant_id=self.tenant_id,
            workspace=workspace,
            location_id=self.location_ids[till] if workspace is not Workspace.MERCHANT else None,
            register_id=self.register_ids[till] if is_kiosk else None,
            does_replace=does_replace,
        )
        with self.server.database.control() as connection:
            return pairing.new_code(connection, place, now=self.server.clock.now())

    def device(
        self, workspace: Workspace = Workspace.MERCHANT, *, till: int = 0, name: str = "PC"
    ) -> "Device":
        """An enrolled device with a token, whose commands come from the owner."""
        made = Device(self.client, self.server.clock, actor_id=self.owner_id, name=name)
        made.enrol(self.code(workspace, till=till))
        made.sign_in()
        return made


@dataclass
class Device:
    """A device's end of the wire: key, journal and the answers it got."""

    client: httpx.Client
    clock: Clock
    actor_id: str | None
    name: str = "PC"
    device_id: DeviceId = field(default_factory=lambda: DeviceId(new_id()))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    tenant_id: TenantId = NOWHERE
    incarnation: int = 1
    token: str = ""
    journal: list[Envelope] = field(default_factory=list)
    shares: bool = False
    """Whether it asks how far pages contain its neighbours."""

    @property
    def headers(self) -> dict[str, str]:
        """What every request of this device carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask_to_enrol(self, code: str) -> httpx.Response:
        """The answer to an enrolment request."""
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        request = EnrolRequest(
            pairing_code=code,
            device_id=self.device_id,
            public_key=public,
            name=self.name,
            client_version="test",
        )
        return self.client.post("/sync/v1/enrol", content=msgspec.json.encode(request))

    def enrol(self, code: str) -> EnrolReply:
        """Enrol and remember who we are."""
        reply = read(self.ask_to_enrol(code), EnrolReply)
        self.tenant_id, self.incarnation = reply.tenant_id, reply.incarnation
        return reply

    def statement(
        self, *, issued_at: datetime | None = None, nonce: str | None = None
    ) -> TokenRequest:
        """A signed token request."""
        issued_at, nonce = issued_at or self.clock.now(), nonce or new_id()
        signed = TokenRequest.signed_bytes(
            self.tenant_id, self.device_id, issued_at=issued_at, nonce=nonce
        )
        return TokenRequest(
            tenant_id=self.tenant_id,
            device_id=self.device_id,
            issued_at=issued_at,
            nonce=nonce,
            signature=base64.b64encode(self.key.sign(signed)).decode(),
        )

    def ask_for_token(self, request: TokenRequest | None = None) -> httpx.Response:
        """The answer to a token request."""
        body = msgspec.json.encode(request or self.statement())
        return self.client.post("/sync/v1/token", content=body)

    def sign_in(self) -> TokenReply:
        """Get a token and use it from now on."""
        reply = read(self.ask_for_token(), TokenReply)
        self.token = reply.access_token
        return reply

    def add(self, *commands: Command, **changes: object) -> tuple[Envelope, ...]:
        """Write commands into the journal; `changes` replace fields of their envelopes."""
        return tuple(self._envelope(command, changes) for command in commands)

    def _envelope(self, command: Command, changes: dict[str, object]) -> Envelope:
        fields: dict[str, Any] = {
            "cmd_id": new_id(),
            "device_id": self.device_id,
            "incarnation": self.incarnation,
            "seq": len(self.journal) + 1,
            "name": command.NAME,
            "version": command.VERSION,
            "args": msgspec.Raw(canonical_json(command)),
            "actor_id": self.actor_id,
            "business_at": self.clock.now(),
            "base_cursor": "1.0",
            "numbers": {},
            "prev_hash": self.journal[-1].digest() if self.journal else FIRST_HASH,
        }
        made = Envelope(**(fields | changes))
        self.journal.append(made)
        return made

    def send(self, envelopes: Sequence[Envelope], **headers: str) -> httpx.Response:
        """The answer to a push of those commands."""
        body = PushRequest(
            protocol=PROTOCOL_VERSION, incarnation=self.incarnation, commands=tuple(envelopes)
        )
        return self.client.post(
            "/sync/v1/push", content=msgspec.json.encode(body), headers=self.headers | headers
        )

    def copies(self, envelopes: Sequence[Envelope]) -> RelayRequest:
        """What neighbours keep of those commands: the last one is signed."""
        last = envelopes[-1]
        head = signed_head(
            self.tenant_id,
            self.device_id,
            incarnation=last.incarnation,
            seq=last.seq,
            digest=last.digest(),
        )
        return RelayRequest(
            protocol=PROTOCOL_VERSION,
            device_id=self.device_id,
            incarnation=last.incarnation,
            commands=tuple(envelopes),
            signature=base64.b64encode(self.key.sign(head)).decode(),
        )

    def bring(self, copies: RelayRequest) -> httpx.Response:
        """The answer to a relay."""
        body = msgspec.json.encode(copies)
        return self.client.post(RELAY_PATH, content=body, headers=self.headers)

    def relay(self, owner: "Device", envelopes: Sequence[Envelope] | None = None) -> RelayReply:
        """Bring a neighbour's commands; without any, its whole journal."""
        copies = owner.copies(owner.journal if envelopes is None else envelopes)
        return read(self.bring(copies), RelayReply)

    def push(self, *commands: Command) -> PushReply:
        """Journal and push commands; without any, push the whole journal again."""
        return read(self.send(self.add(*commands) or self.journal), PushReply)

    def ask_to_pull(
        self, cursor: str = "0.0", limit: int = 5000, *, filled_from: int | None = None
    ) -> httpx.Response:
        """The answer to a pull."""
        params = {"cursor": cursor, "limit": str(limit)}
        if self.shares:
            params["neighbours"] = "1"
        if filled_from is not None:
            params["filled_from"] = str(filled_from)
        return self.client.get("/sync/v1/pull", params=params, headers=self.headers)

    def pull(
        self, cursor: str = "0.0", limit: int = 5000, *, filled_from: int | None = None
    ) -> PullPage:
        """One page."""
        return read(self.ask_to_pull(cursor, limit, filled_from=filled_from), PullPage)


def read(response: httpx.Response, kind: type[T]) -> T:
    """The message in a good answer."""
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=kind)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


def customer(name: str = "Ada", customer_id: str | None = None) -> SaveCustomer:
    """A command that anybody may send who may edit customers."""
    return SaveCustomer(customer_id=CustomerId(customer_id or new_id()), name=name)
