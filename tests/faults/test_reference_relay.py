"""The servers in memory treat what neighbours bring as the real one does."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.clock import FixedClock
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, LocationId, RegisterId, ShiftId, StoreId, new_id
from shared.kernel.messages import FIRST_HASH, Envelope, canonical_json
from shared.organization.commands import (
    AddLocation,
    AddRegister,
    OpenStore,
    RegisterDevice,
    RevokeDevice,
    Workspace,
)
from shared.pos.commands import OpenShift
from shared.sync.cursor import START
from shared.sync.protocol.pull import NeighbourAcked
from shared.sync.protocol.push import PushReply, PushRequest, PushState
from shared.sync.protocol.relay import RelayReply, RelayRequest, RelayState, signed_head
from shared.sync.protocol.version import PROTOCOL_VERSION
from tests.faults.simulation.authority import Authority
from tests.support.reference_server import ReferenceServer
from tests.support.shop import OPENING


@dataclass
class Till:
    """A device's key and journal, and what it asks of a server."""

    server: ReferenceServer
    device_id: DeviceId = field(default_factory=lambda: DeviceId(new_id()))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    incarnation: int = 1
    journal: list[Envelope] = field(default_factory=list)

    def add(self, count: int = 1) -> None:
        """Journal facts that anybody may report."""
        for _ in range(count):
            command = OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=0)
            made = Envelope(
                cmd_id=new_id(),
                device_id=self.device_id,
                incarnation=self.incarnation,
                seq=len(self.journal) + 1,
                name=command.NAME,
                version=command.VERSION,
                args=msgspec.Raw(canonical_json(command)),
                actor_id=None,
                business_at=OPENING,
                base_cursor="1.0",
                numbers={},
                prev_hash=self.journal[-1].digest() if self.journal else FIRST_HASH,
            )
            self.journal.append(made)

    def push(self) -> PushReply:
        """Send the whole journal."""
        request = PushRequest(
            protocol=PROTOCOL_VERSION,
            incarnation=self.incarnation,
            commands=tuple(self.journal),
        )
        return self.server.push(self.device_id, request)

    def bring(self, owner: "Till", envelopes: Sequence[Envelope] | None = None) -> RelayReply:
        """Bring a neighbour's commands; its whole journal, unless told otherwise."""
        return self.server.relay(self.device_id, owner.copies(envelopes or owner.journal))

    def copies(self, envelopes: Sequence[Envelope]) -> RelayRequest:
        """What neighbours keep of it."""
        last = envelopes[-1]
        head = signed_head(
            self.server.tenant_id,
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


@pytest.fixture(params=[ReferenceServer, Authority])
def server(request: pytest.FixtureRequest) -> Iterator[ReferenceServer]:
    """A shop's server in memory."""
    made: ReferenceServer = request.param(FixedClock(OPENING))
    yield made
    made.close()


@pytest.fixture
def tills(server: ReferenceServer) -> tuple[Till, Till, Till]:
    """Two tills of one location, and one of another."""
    store_id, places = StoreId(new_id()), (LocationId(new_id()), LocationId(new_id()))
    server.do(
        OpenStore(
            store_id=store_id,
            name="Corner Shop",
            currency="EUR",
            country="DE",
            language="de",
            timezone="Europe/Berlin",
            is_tax_inclusive=True,
        )
    )
    for code, location_id in zip(("L1", "L2"), places, strict=True):
        server.do(AddLocation(location_id=location_id, store_id=store_id, name=code, code=code))
    made = (Till(server), Till(server), Till(server))
    stands_at = (places[0], places[0], places[1])
    for number, (till, location_id) in enumerate(zip(made, stands_at, strict=True)):
        register_id = RegisterId(new_id())
        code = f"K{number}"
        server.do(
            AddRegister(register_id=register_id, location_id=location_id, name=code, code=code)
        )
        server.do(
            RegisterDevice(
                device_id=till.device_id,
                name=code,
                workspace=Workspace.KIOSK,
                location_id=location_id,
                register_id=register_id,
            )
        )
        server.admit(till.device_id)
        server.public_keys[till.device_id] = till.key.public_key().public_bytes_raw()
    return made


def test_each_command_runs_once_whoever_brings_it(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, _ = tills
    till.add(3)

    assert other.bring(till, till.journal[1:]) == RelayReply(state=RelayState.GAP, last_seq=0)
    assert other.bring(till, till.journal[:2]) == RelayReply(state=RelayState.TAKEN, last_seq=2)
    pushed = till.push()
    assert other.bring(till) == RelayReply(state=RelayState.TAKEN, last_seq=3)

    assert (pushed.state, len(pushed.outcomes)) == (PushState.ACCEPTED, 3)
    assert set(server.runs.values()) == {1}


def test_conflict_is_kept_and_fences_nobody(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, _ = tills
    twin = replace(till, journal=[])
    till.add(2)
    twin.add(2)
    till.push()

    assert other.bring(twin) == RelayReply(state=RelayState.CONFLICT, last_seq=2)
    assert server.kept == twin.journal
    till.add()
    assert till.push().state is PushState.ACCEPTED


def test_life_that_is_over_goes_on_where_it_ended(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, _ = tills
    till.add()
    till.push()
    till.add(2)
    server.admit(till.device_id)
    new = replace(till, journal=[], incarnation=2)
    new.add()
    new.push()

    assert other.bring(till) == RelayReply(state=RelayState.TAKEN, last_seq=3)
    new.add()
    assert new.push().state is PushState.ACCEPTED


def test_page_tells_how_far_it_contains_neighbours(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, _ = tills
    before = server.head
    till.add(2)
    other.bring(till)

    page = server.pull(other.device_id, before, with_neighbours=True)

    assert page.neighbours == (
        NeighbourAcked(device_id=till.device_id, incarnation=1, acked_seq=2),
    )
    assert server.pull(other.device_id, before).neighbours == ()
    first = server.pull(other.device_id, START, limit=1, with_neighbours=True)
    assert first.neighbours[0].acked_seq == 0


def test_only_neighbours_bring_what_is_signed(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, elsewhere = tills
    till.add(2)
    forged = replace(till.copies(till.journal), signature=till.copies(till.journal[:1]).signature)

    with pytest.raises(Rejected, match="relay_elsewhere"):
        elsewhere.bring(till)
    with pytest.raises(Rejected, match="relay_forged"):
        server.relay(other.device_id, forged)
    with pytest.raises(Rejected, match="relay_forged"):
        other.bring(till, [till.journal[0], till.journal[0]])


def test_facts_of_a_device_that_was_shut_out_are_taken(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    till, other, _ = tills
    till.add()
    server.do(RevokeDevice(device_id=till.device_id))

    assert other.bring(till) == RelayReply(state=RelayState.TAKEN, last_seq=1)
    assert till.push().outcomes[0].outcome.state == "applied_with_exception"


def test_neighbours_have_certificates_of_one_authority(
    server: ReferenceServer, tills: tuple[Till, Till, Till]
) -> None:
    ours, theirs = (server.certificate(each.device_id) for each in tills[:2])
    authority = x509.load_pem_x509_certificate(ours.authority.encode())

    assert ours.authority == theirs.authority
    for each in (ours, theirs):
        x509.load_pem_x509_certificate(each.certificate.encode()).verify_directly_issued_by(
            authority
        )
