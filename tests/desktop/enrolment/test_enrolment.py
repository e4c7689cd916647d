"""A machine becomes a device, also when the answer was lost, and can begin another life."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop.enrolment import Pairing, enrol, server_address
from desktop.files import Keys
from desktop.journal import Identity
from desktop.secrets import DeviceKey, FileStore
from desktop.settings import Profile
from desktop.work import Work, open_work
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId, new_id
from shared.organization.commands import Workspace
from shared.pos.commands import RECEIPT_SERIES, Z_SERIES
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from tests.support.world import OPENING, World
from tests.support.world_device import Heard

TENANT = TenantId(new_id())


@dataclass
class Server:
    """A server's enrolment that can lose its answers; one device per id, a life per code."""

    address: str = ""
    loses: int = 0
    requests: list[EnrolRequest] = field(default_factory=list)
    lives: dict[str, list[str]] = field(default_factory=dict)

    def at(self, address: str) -> "Server":
        self.address = address
        return self

    async def enrol(self, request: EnrolRequest) -> EnrolReply:
        self.requests.append(request)
        codes = self.lives.setdefault(request.device_id, [])
        if request.pairing_code not in codes:
            codes.append(request.pairing_code)
        if self.loses:
            self.loses -= 1
            raise Unavailable("server_unreachable")
        return EnrolReply(
            tenant_id=TENANT,
            tenant_name="Corner Store",
            device_id=request.device_id,
            incarnation=len(codes),
            workspace=Workspace.KIOSK,
            location_id=None,
            register_id=None,
            scopes=("tenant",),
            last_receipt_no=17,
            last_z_no=3,
            server_time=OPENING,
            head="1.0",
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    return DeviceKey(FileStore(tmp_path / "keys", b"machine"))


@pytest.fixture
def work(tmp_path: Path, world: World) -> Iterator[Work]:
    keys = Keys(b"j" * 32, b"r" * 32)
    made = open_work(Profile(tmp_path / "new"), keys, clock=world.clock, listener=Heard())
    yield made
    made.close()


@pytest.fixture
def server() -> Server:
    return Server()


def _pair(
    work: Work, server: Server, key: DeviceKey, *, code: str = "abcde-12345", is_new: bool = False
) -> Identity:
    pairing = Pairing(
        server_url="shop.example",
        pairing_code=code,
        name=" Till 1 ",
        client_version="1",
        is_new_device=is_new,
    )
    return asyncio.run(enrol(work, server.at, key, pairing=pairing))


def test_a_paired_machine_knows_who_it_is_and_goes_on_with_the_registers_numbers(
    work: Work, server: Server, key: DeviceKey
) -> None:
    identity = _pair(work, server, key)
    assert work.ask(lambda bench: bench.identity).result() == identity
    assert identity.server_url == server.address == "https://shop.example"
    (request,) = server.requests
    assert (request.pairing_code, request.name) == ("ABCDE-12345", "Till 1")
    assert request.public_key == key.public_text
    series = [RECEIPT_SERIES, Z_SERIES]
    numbers = work.ask(lambda bench: bench.journal.next_numbers(series)).result()
    assert numbers == {RECEIPT_SERIES: 18, Z_SERIES: 4}


def test_after_a_lost_answer_the_same_device_is_found_again(
    work: Work, server: Server, key: DeviceKey
) -> None:
    server.loses = 1
    with pytest.raises(Unavailable, match="server_unreachable"):
        _pair(work, server, key)
    assert not work.ask(lambda bench: bench.is_enrolled).result()
    identity = _pair(work, server, key)
    assert {request.device_id for request in server.requests} == {identity.device_id}
    assert identity.incarnation == 1


def test_pairing_a_device_anew_begins_its_next_life_under_the_same_id(
    work: Work, server: Server, key: DeviceKey
) -> None:
    first = _pair(work, server, key)
    second = _pair(work, server, key, code="second")
    assert (second.device_id, second.incarnation) == (first.device_id, 2)


def test_a_device_that_was_shut_out_can_come_back_as_a_new_one(
    work: Work, server: Server, key: DeviceKey
) -> None:
    first = _pair(work, server, key)
    second = _pair(work, server, key, code="second", is_new=True)
    assert second.device_id != first.device_id
    assert second.incarnation == 1


def test_a_forked_till_sends_what_is_unsent_in_its_next_life_and_nothing_twice(
    world: World,
) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    till.send()
    world.sell(till, shift_id)
    world.server.admit(till.device_id)
    with pytest.raises(Unavailable, match="device_forked"):
        till.push()
    assert till.bench.journal.waiting().count == 3
    till.enrol(world.identity_again(till), {RECEIPT_SERIES: 1})
    till.check()
    till.sync()
    till.check()
    till.check_same_as_server()
    assert set(world.server.runs.values()) == {1}
    assert world.sell(till, shift_id).numbers == {RECEIPT_SERIES: 3}


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("shop.example", "https://shop.example"),
        (" https://shop.example/ ", "https://shop.example"),
        ("shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_taken_however_it_is_typed(typed: str, address: str) -> None:
    assert server_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "server_address_wrong"),
        ("https://", "server_address_wrong"),
        ("ftp://shop.example", "server_address_wrong"),
        ("https://shop.example/path", "server_address_wrong"),
        ("https://shop.example:port", "server_address_wrong"),
        ("http://shop.example", "server_address_insecure"),
        ("http://192.168.1.10:8000", "server_address_insecure"),
    ],
)
def test_an_address_that_cannot_or_must_not_be_used_is_refused(typed: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        server_address(typed)
    assert (caught.value.code, caught.value.field) == (code, "server_url")
