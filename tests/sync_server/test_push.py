"""Push: every command is decided exactly once and in order, and nothing blocks the queue."""

import json
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
import sqlalchemy as sa
import zstandard

from shared.customers.tables import CustomerRow
from shared.inbox.tables import CaseRow
from shared.kernel.ids import CustomerId, ShiftId, UserId, new_id
from shared.kernel.messages import FIRST_HASH, Envelope, Outcome, OutcomeState, canonical_json
from shared.kernel.permissions import Role
from shared.organization.commands import AddUser, Workspace
from shared.pos.commands import OpenShift
from shared.pos.tables import ShiftRow
from shared.storage.reader import Reader
from shared.sync.protocol.push import MAX_COMMANDS, PushReply, PushRequest, PushState
from sync_server.schema import COMMAND_LOG, FORK_LOG
from sync_server.sync.turns import MAX_PER_COMMIT
from sync_server.sync.wire import MAX_BODY_BYTES
from tests.sync_server.devices import Device, Site, customer, read, refusal

pytestmark = pytest.mark.storage

APPLIED = Outcome(state=OutcomeState.APPLIED)


@pytest.fixture
def device(site: Site) -> Device:
    """The owner's back office."""
    return site.device()


def names(site: Site) -> list[str]:
    """The names of all customers, in the order of their ids."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return [row.name for row in Reader(connection).find(CustomerRow)]


def cases(site: Site) -> list[CaseRow]:
    """All cases of the inbox."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return Reader(connection).find(CaseRow)


def logged(site: Site, device: Device) -> int:
    """How many commands of a device the log holds."""
    counting = sa.select(sa.func.count()).where(COMMAND_LOG.c.device_id == device.device_id)
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return int(connection.execute(counting).scalar_one())


def test_commands_are_applied_in_their_order(site: Site, device: Device) -> None:
    one = new_id()
    reply = device.push(customer("Ada", one), customer("Bob"), customer("Ada Lovelace", one))

    assert (reply.state, reply.expected_seq) == (PushState.ACCEPTED, 4)
    assert [each.outcome for each in reply.outcomes] == [APPLIED] * 3
    assert names(site) == ["Ada Lovelace", "Bob"]


def test_repeated_push_gets_the_stored_outcomes_and_changes_nothing(
    site: Site, device: Device
) -> None:
    first = device.push(customer("Ada"), customer(""), customer("Bob"))
    states = [each.outcome.state for each in first.outcomes]
    assert states == ["applied", "rejected", "applied"]

    assert device.push() == first
    assert (names(site), logged(site, device), len(cases(site))) == (["Ada", "Bob"], 3, 1)


def test_overlapping_push_goes_on_where_it_stopped(site: Site, device: Device) -> None:
    device.push(customer("Ada"), customer("Bob"))
    device.add(customer("Cid"))

    reply = device.push()

    assert [each.seq for each in reply.outcomes] == [1, 2, 3]
    assert names(site) == ["Ada", "Bob", "Cid"]


def test_gap_is_answered_with_what_is_missing(site: Site, device: Device) -> None:
    device.push(customer("Ada"))
    device.add(customer("Bob"), customer("Cid"))

    reply = read(device.send(device.journal[2:]), PushReply)

    assert (reply.state, reply.expected_seq, reply.outcomes) == (PushState.GAP, 2, ())
    assert names(site) == ["Ada"]
    assert device.push().state is PushState.ACCEPTED


def test_gap_within_a_push_keeps_what_came_before_it(site: Site, device: Device) -> None:
    device.add(customer("Ada"), customer("Bob"), customer("Cid"))

    reply = read(device.send([device.journal[0], device.journal[2]]), PushReply)

    assert (reply.state, reply.expected_seq, len(reply.outcomes)) == (PushState.GAP, 2, 1)


def test_empty_push_tells_where_the_server_is(device: Device) -> None:
    device.push(customer())

    assert read(device.send([]), PushReply).expected_seq == 2


def test_same_seq_with_other_content_is_a_fork_and_fences_the_device(
    site: Site, device: Device
) -> None:
    device.push(customer("Ada"), customer("Bob"))
    twin = replace(device, journal=device.journal[:1])
    twin.add(customer("Eve"), customer("Fay"))

    forked = twin.push()

    assert (forked.state, forked.expected_seq) == (PushState.FORKED, 3)
    assert [each.seq for each in forked.outcomes] == [1]
    assert device.push(customer("Cid")).state is PushState.FORKED
    assert names(site) == ["Ada", "Bob"]
    (case,) = cases(site)
    assert (case.code, case.params) == ("device_forked", {"device": "PC", "seq": 2})


def test_what_a_forked_device_sent_is_kept(site: Site, device: Device) -> None:
    device.push(customer("Ada"))
    twin = replace(device, journal=[])
    twin.add(customer("Eve"), customer("Fay"))
    twin.push()

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        kept = connection.execute(sa.select(FORK_LOG).order_by(FORK_LOG.c.seq)).all()
    assert [(row.seq, row.hash) for row in kept] == [(e.seq, e.digest()) for e in twin.journal]
    assert [row.envelope for row in kept] == [canonical_json(e) for e in twin.journal]


def test_command_that_does_not_follow_on_is_a_fork(site: Site, device: Device) -> None:
    device.push(customer("Ada"))
    device.add(customer("Bob"), prev_hash=FIRST_HASH)

    assert read(device.send(device.journal[1:]), PushReply).state is PushState.FORKED
    assert names(site) == ["Ada"]


def test_forked_commands_arrive_once_under_the_new_incarnation(site: Site, device: Device) -> None:
    device.push(customer("Ada"))
    twin = replace(device, journal=[])
    (eve,) = twin.add(customer("Eve"))
    assert twin.push().state is PushState.FORKED

    twin.enrol(site.code())
    twin.journal.clear()
    ada = device.journal[0]
    for sent in (ada, eve):
        twin.add(customer(), name=sent.name, args=sent.args, cmd_id=sent.cmd_id)
    reply = twin.push()

    assert [each.outcome for each in reply.outcomes] == [APPLIED] * 2
    assert names(site) == ["Ada", "Eve"]
    assert device.push(customer("Late")).state is PushState.FORKED


def test_poison_in_the_middle_stops_nothing(site: Site, device: Device) -> None:
    device.add(customer("Ada"))
    device.add(customer(), name="from_the_future")
    device.add(customer(), version=99)
    device.add(customer(), args=msgspec.Raw(b'{"name": 1}'))
    device.add(customer(), args=msgspec.Raw(b'{"customer_id":"\xff","name":"x"}'))
    device.add(customer("\x00"))
    device.add(customer(), cmd_id="no id", name="x\x00" * 90)
    device.add(customer(), actor_id="nobody")
    device.add(customer(), business_at=datetime(2026, 11, 23, 9))  # noqa: DTZ001 - the poison
    device.add(customer(), version=1 << 70)
    device.add(customer("Too long an id", customer_id="not a uuid"))
    device.add(customer("Zoe"))

    states = [each.outcome.state for each in device.push().outcomes]

    assert states == ["applied", *["quarantined"] * 10, "applied"]
    assert names(site) == ["Ada", "Zoe"]
    assert sorted(case.code for case in cases(site)) == [
        "command_crashed",
        "command_malformed",
        "command_malformed",
        "command_malformed",
        "command_too_new",
        "command_too_new",
        "command_unknown",
        "envelope_malformed",
        "envelope_malformed",
        "envelope_malformed",
    ]


def test_quarantined_commands_are_kept_as_they_came(site: Site, device: Device) -> None:
    device.add(customer(), args=msgspec.Raw(b'{"x":"\xff"}'), name="from_the_future")
    device.push()

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        of_device = COMMAND_LOG.c.device_id == device.device_id
        kept = connection.execute(sa.select(COMMAND_LOG).where(of_device)).one()
    assert kept.envelope == canonical_json(device.journal[0])
    assert (kept.state, kept.hash) == ("quarantined", device.journal[0].digest())


@pytest.mark.slow
def test_a_thousand_commands_behind_a_poisoned_one_go_on(site: Site, device: Device) -> None:
    device.add(customer(), name="from_the_future")
    device.add(*(customer(f"C{n:04}") for n in range(1000)))
    states: list[str] = []
    while len(states) < len(device.journal):
        chunk = device.journal[len(states) : len(states) + MAX_COMMANDS]
        states += [each.outcome.state for each in read(device.send(chunk), PushReply).outcomes]

    assert states == ["quarantined"] + ["applied"] * 1000
    assert names(site) == [f"C{n:04}" for n in range(1000)]


def test_long_push_is_committed_in_turns(device: Device) -> None:
    reply = device.push(*(customer(f"C{n}") for n in range(2 * MAX_PER_COMMIT + 1)))

    commits = [each.commit_seq for each in reply.outcomes]
    assert len(set(commits)) >= 3
    assert commits == sorted(commits)
    assert max(commits.count(seq) for seq in commits) <= MAX_PER_COMMIT


def test_refused_request_leaves_a_case_and_nothing_else(site: Site, device: Device) -> None:
    device.actor_id = site.cashier_id

    (answer,) = device.push(customer("Ada")).outcomes

    assert (answer.outcome.state, answer.outcome.code) == ("rejected", "permission_missing")
    assert names(site) == []
    (case,) = cases(site)
    assert (case.command_id, case.actor_id, case.device_id) == (
        answer.cmd_id,
        site.cashier_id,
        device.device_id,
    )


@pytest.mark.parametrize("actor_id", [None, new_id()], ids=["nobody", "stranger"])
def test_actor_that_nobody_knows_may_do_nothing(
    site: Site, device: Device, actor_id: str | None
) -> None:
    device.actor_id = actor_id

    (answer,) = device.push(customer("Ada")).outcomes

    assert answer.outcome.code == "permission_missing"


def test_fact_without_permission_is_taken_with_a_case(site: Site) -> None:
    till = site.device(Workspace.KIOSK, till=1)
    till.actor_id = new_id()

    (answer,) = till.push(OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=100)).outcomes

    assert answer.outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert [case.code for case in cases(site)] == ["permission_missing"]


def test_station_comes_from_the_enrolment(site: Site) -> None:
    till = site.device(Workspace.KIOSK, till=1)
    till.push(OpenShift(shift_id=ShiftId(new_id()), opening_float_amount=100))

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        (shift,) = Reader(connection).find(ShiftRow)
    assert shift.register_id == site.register_ids[1]


def test_role_given_in_the_same_push_counts_at_once(site: Site, device: Device) -> None:
    hired = UserId(new_id())
    device.add(AddUser(user_id=hired, name="Mia", role=Role.MERCHANT))
    device.add(customer("By Mia"), actor_id=hired)

    assert [each.outcome for each in device.push().outcomes] == [APPLIED] * 2


@pytest.mark.parametrize(
    "change", [{"device_id": new_id()}, {"incarnation": 7}, {"seq": 0}, {"seq": 1 << 70}]
)
def test_commands_of_somebody_else_are_refused_as_a_whole(
    site: Site, device: Device, change: dict[str, object]
) -> None:
    device.add(customer("Ada"))
    device.add(customer("Bob"), **change)

    assert refusal(device.send(device.journal)) == (422, "envelope_foreign")
    assert names(site) == []


def test_push_of_an_old_incarnation_is_a_fork(site: Site, device: Device) -> None:
    old = replace(device, journal=[])
    device.enrol(site.code())

    assert old.push(customer()).state is PushState.FORKED
    assert device.push(customer()).state is PushState.ACCEPTED


def test_too_many_commands_are_refused_and_stay_with_the_device(device: Device) -> None:
    device.add(*(customer() for _ in range(MAX_COMMANDS + 1)))

    assert refusal(device.send(device.journal)) == (413, "push_too_large")
    assert read(device.send(device.journal[:3]), PushReply).expected_seq == 4


def body_of(device: Device, **changes: object) -> dict[str, object]:
    """A push as plain JSON."""
    request = PushRequest(protocol=1, incarnation=1, commands=tuple(device.journal))
    return msgspec.json.decode(msgspec.json.encode(request), type=dict[str, object]) | changes


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"protocol": 1}', b'{"protocol":"1","incarnation":1}', b"\xff"],
)
def test_wrong_body_is_told_so(device: Device, body: bytes) -> None:
    answer = device.client.post("/sync/v1/push", content=body, headers=device.headers)

    assert refusal(answer) == (422, "body_malformed")


def test_wire_of_a_later_release_is_told_what_we_speak(device: Device) -> None:
    answer = device.client.post(
        "/sync/v1/push", json=body_of(device, protocol=2), headers=device.headers
    )

    assert refusal(answer) == (422, "protocol_unknown")
    assert answer.json()["params"] == {"known": 1}


def test_body_may_be_packed(site: Site, device: Device) -> None:
    device.add(customer("Ada"))
    packed = zstandard.compress(json.dumps(body_of(device)).encode())

    answer = device.client.post(
        "/sync/v1/push", content=packed, headers=device.headers | {"Content-Encoding": "zstd"}
    )

    assert read(answer, PushReply).state is PushState.ACCEPTED
    assert names(site) == ["Ada"]


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (b"not zstd at all", "zstd", (422, "body_malformed")),
        (b"{}", "gzip", (415, "encoding_unknown")),
        (zstandard.compress(bytes(MAX_BODY_BYTES + 1)), "zstd", (413, "body_too_large")),
        (bytes(MAX_BODY_BYTES + 1), "identity", (413, "body_too_large")),
    ],
)
def test_bodies_that_cannot_be_unpacked_are_refused(
    device: Device, *, body: bytes, encoding: str, expected: tuple[int, str]
) -> None:
    headers = device.headers | {"Content-Encoding": encoding}

    assert refusal(device.client.post("/sync/v1/push", content=body, headers=headers)) == expected


def test_hash_of_an_envelope_survives_the_wire(device: Device) -> None:
    (sent,) = device.add(customer("Ä ☕ \u2028 1.0"), numbers={"receipt": 7})

    arrived = msgspec.json.decode(msgspec.json.encode(sent), type=Envelope)

    assert arrived.digest() == sent.digest()


def test_business_time_and_clock_of_the_device_change_no_order(site: Site, device: Device) -> None:
    for year, name in ((1999, "Ada"), (2049, "Bob"), (2001, "Cid")):
        at = site.server.clock.now().replace(year=year)
        device.add(customer(name), business_at=at)

    assert [each.outcome for each in device.push().outcomes] == [APPLIED] * 3
    assert names(site) == ["Ada", "Bob", "Cid"]


def test_customer_ids_are_the_clients_own(site: Site, device: Device) -> None:
    chosen = CustomerId(new_id())
    device.push(customer("Ada", chosen))

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        assert Reader(connection).require(CustomerRow, chosen).name == "Ada"
