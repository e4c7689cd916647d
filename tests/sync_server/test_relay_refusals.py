"""Relay: what belongs to another life, does not fit or is none of a neighbour's business."""

from dataclasses import replace

import pytest

from shared.kernel.ids import DeviceId
from shared.kernel.messages import FIRST_HASH, Envelope
from shared.organization.commands import RevokeDevice, Workspace
from shared.sync.protocol.push import MAX_COMMANDS, PushState
from shared.sync.protocol.relay import RelayReply, RelayState
from tests.sync_server.devices import NOWHERE, Device, Site, customer, refusal
from tests.sync_server.findings import cases, kept, log_of, names

pytestmark = pytest.mark.storage

UNKNOWN = DeviceId("01a20000-0000-7000-8000-000000000000")


@pytest.fixture
def till(site: Site) -> Device:
    """A till."""
    return site.device(Workspace.KIOSK, name="Till")


@pytest.fixture
def packer(site: Site) -> Device:
    """The packing station beside it."""
    return site.device(Workspace.FULFILLMENT, name="Packer")


def hashes(envelopes: list[Envelope]) -> list[tuple[int, int, str]]:
    """What `kept` shows of them."""
    return [(each.incarnation, each.seq, each.digest()) for each in envelopes]


# -- other lives ---------------------------------------------------------------------------------


def reborn(till: Device, site: Site, *carried: Envelope) -> Device:
    """The same device paired anew, with commands of its old life that it has not sent."""
    old = replace(till, journal=list(till.journal))
    till.journal.clear()
    till.enrol(site.code(Workspace.KIOSK))
    for each in carried:
        before = till.journal[-1].digest() if till.journal else FIRST_HASH
        seq = len(till.journal) + 1
        life = till.incarnation
        till.journal.append(replace(each, incarnation=life, seq=seq, prev_hash=before))
    return old


def test_copies_of_a_life_that_is_over_go_on_where_it_ended(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"))
    till.add(customer("Bob"), customer("Cid"))
    old = reborn(till, site)
    till.push(customer("Dan"))

    assert packer.relay(old, old.journal[1:]) == RelayReply(state=RelayState.TAKEN, last_seq=3)
    assert packer.relay(old, old.journal[2:]).state is RelayState.TAKEN

    assert names(site) == ["Ada", "Bob", "Cid", "Dan"]
    assert log_of(site, till) == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert till.push(customer("Eve")).expected_seq == 3


def test_what_was_carried_into_the_next_life_runs_once(
    site: Site, till: Device, packer: Device
) -> None:
    till.add(customer("Ada"), customer(""))
    old = reborn(till, site, *till.journal)

    assert packer.relay(old).state is RelayState.TAKEN
    carried = till.push()
    assert packer.relay(till).state is RelayState.TAKEN

    assert [each.outcome.state for each in carried.outcomes] == ["applied", "rejected"]
    assert (names(site), len(cases(site))) == (["Ada"], 1)


def test_gap_in_a_life_that_is_over_tells_where_that_ended(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"))
    till.add(customer("Bob"), customer("Cid"))
    old = reborn(till, site)
    till.push(customer("Dan"), customer("Eve"))

    assert packer.relay(old, old.journal[2:]) == RelayReply(state=RelayState.GAP, last_seq=1)


def test_life_that_a_restored_server_forgot_is_taken_and_never_begun_again(
    site: Site, till: Device, packer: Device
) -> None:
    till.incarnation = 2
    till.add(customer("Ada"))

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=1)
    assert till.push().state is PushState.FORKED
    reborn(till, site, *till.journal)

    till.add(customer("Bob"))
    assert till.incarnation == 3
    assert till.push().state is PushState.ACCEPTED
    assert log_of(site, till) == [(2, 1), (3, 1), (3, 2)]
    assert names(site) == ["Ada", "Bob"]


# -- what does not fit ---------------------------------------------------------------------------


def test_other_commands_at_the_same_places_are_kept_and_fence_nobody(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"), customer("Bob"))
    twin = replace(till, journal=till.journal[:1])
    twin.add(customer("Eve"), customer("Fay"))
    other = site.device(Workspace.FULFILLMENT)

    assert packer.relay(twin) == RelayReply(state=RelayState.CONFLICT, last_seq=2)
    assert packer.relay(twin, twin.journal[1:]).state is RelayState.CONFLICT
    assert other.relay(twin, twin.journal[1:2]).state is RelayState.CONFLICT

    assert till.push(customer("Cid")).state is PushState.ACCEPTED
    assert names(site) == ["Ada", "Bob", "Cid"]
    assert kept(site) == hashes(twin.journal[1:])
    (case,) = cases(site)
    assert (case.code, case.params) == ("relay_conflict", {"device": "Till", "seq": 2})


def test_command_that_does_not_follow_is_kept_and_fences_nobody(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"))
    twin = replace(till, journal=[])
    twin.add(customer("Eve"), customer("Fay"))

    assert packer.relay(twin, twin.journal[1:]) == RelayReply(state=RelayState.CONFLICT, last_seq=1)
    assert till.push(customer("Bob")).state is PushState.ACCEPTED
    assert (names(site), kept(site)) == (["Ada", "Bob"], hashes(twin.journal[1:]))


def test_what_was_decided_under_another_place_is_no_conflict_for_people(
    site: Site, till: Device, packer: Device
) -> None:
    till.push(customer("Ada"), customer("Bob"))
    same = [replace(till.journal[1], prev_hash=FIRST_HASH)]

    assert packer.relay(till, same).state is RelayState.CONFLICT
    assert (kept(site), cases(site)) == ([], [])


def test_fenced_device_has_what_follows_on_taken(site: Site, till: Device, packer: Device) -> None:
    till.push(customer("Ada"))
    twin = replace(till, journal=[])
    twin.add(customer("Eve"))
    assert twin.push().state is PushState.FORKED
    till.add(customer("Bob"))

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=2)
    assert till.push().state is PushState.FORKED
    assert till.pull().acked_seq == 2
    assert names(site) == ["Ada", "Bob"]


# -- who may bring what --------------------------------------------------------------------------


def test_signature_is_the_owners_over_the_last_one(
    site: Site, till: Device, packer: Device
) -> None:
    till.add(customer("Ada"), customer("Bob"))
    copies = till.copies(till.journal)
    wrong_key, elsewhere = replace(till, key=packer.key), replace(till, tenant_id=NOWHERE)
    forged = [
        replace(copies, signature=""),
        replace(copies, signature="no base64"),
        replace(copies, signature=till.copies(till.journal[:1]).signature),
        wrong_key.copies(till.journal),
        elsewhere.copies(till.journal),
        replace(copies, commands=(*copies.commands[:1], replace(copies.commands[1], name="x"))),
        replace(copies, commands=(replace(copies.commands[0], name="x"), *copies.commands[1:])),
        replace(copies, commands=copies.commands[::-1]),
    ]

    answers = [refusal(packer.bring(each)) for each in forged]

    assert answers == [(403, "relay_forged")] * len(forged)
    assert (names(site), log_of(site, till), cases(site)) == ([], [], [])
    assert packer.bring(copies).status_code == 200


def test_only_a_neighbour_may_bring_anything(site: Site, till: Device) -> None:
    till.add(customer("Ada"))
    copies = till.copies(till.journal)
    elsewhere = [site.device(Workspace.KIOSK, till=1), site.device(), till]
    elsewhere.append(Site(site.server, site.client).device(Workspace.KIOSK))

    answers = [refusal(each.bring(copies)) for each in elsewhere]

    assert answers == [(403, "relay_elsewhere")] * len(elsewhere)
    assert log_of(site, till) == []


@pytest.mark.parametrize("device_id", [UNKNOWN, DeviceId("42"), DeviceId("\x00")])
def test_device_that_nobody_knows_has_no_neighbours(
    till: Device, packer: Device, device_id: DeviceId
) -> None:
    stranger = replace(till, device_id=device_id, journal=[])
    stranger.add(customer())

    assert refusal(packer.bring(stranger.copies(stranger.journal))) == (403, "relay_elsewhere")


def test_whoever_was_shut_out_brings_nothing(site: Site, till: Device, packer: Device) -> None:
    till.add(customer())
    site.run(RevokeDevice(device_id=packer.device_id))

    assert refusal(packer.bring(till.copies(till.journal))) == (403, "device_revoked")


def test_request_is_sound_as_a_whole_or_refused(till: Device, packer: Device) -> None:
    till.add(*(customer() for _ in range(MAX_COMMANDS + 1)))
    copies = till.copies(till.journal[:2])
    foreign = replace(copies, commands=packer.add(customer()))

    assert refusal(packer.bring(till.copies(till.journal))) == (413, "push_too_large")
    assert refusal(packer.bring(replace(copies, commands=()))) == (422, "body_malformed")
    assert refusal(packer.bring(replace(copies, protocol=99))) == (422, "protocol_unknown")
    assert refusal(packer.bring(replace(copies, incarnation=2))) == (422, "envelope_foreign")
    assert refusal(packer.bring(foreign)) == (422, "envelope_foreign")


def test_poison_in_a_relay_stops_nothing(site: Site, till: Device, packer: Device) -> None:
    till.add(customer("Ada"))
    till.add(customer(), name="from_the_future")
    till.add(customer("\x00"))
    till.add(customer(), cmd_id="no id")
    till.add(customer("Zoe"))

    assert packer.relay(till) == RelayReply(state=RelayState.TAKEN, last_seq=5)
    assert names(site) == ["Ada", "Zoe"]
