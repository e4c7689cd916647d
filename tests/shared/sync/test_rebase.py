"""Pending commands run again on newer rows give what each of them gives when run alone."""

from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.context import Phase
from shared.kernel.errors import Rejected
from shared.kernel.messages import Envelope
from shared.kernel.permissions import Permission, Role
from shared.organization.tables import UserRow
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork
from shared.sync import rebase
from shared.sync.replica import doubts, take_off_pending, touched_keys
from tests.support import oracle
from tests.support.world import World
from tests.support.world_device import DeviceInWorld


def _envelopes(device: DeviceInWorld) -> list[Envelope]:
    return [entry.envelope for entry in device.bench.journal.entries(after=0)]


def _is_clean(connection: sa.Connection) -> bool:
    return not touched_keys(connection)


def test_taking_pending_effects_off_leaves_the_confirmed_rows(world: World) -> None:
    till = world.till()
    replica = till.files.replica
    with replica.begin():
        confirmed = oracle.visible_rows(replica)
    shift_id = world.open_shift(till)
    for _ in range(3):
        world.sell(till, shift_id)
    with replica.begin():
        assert oracle.visible_rows(replica) != confirmed
        assert oracle.confirmed_rows(replica) == confirmed
        take_off_pending(replica)
        assert oracle.visible_rows(replica) == confirmed
        assert _is_clean(replica)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.sampled_from(["sell", "price", "location"]), min_size=1, max_size=8))
def test_many_commands_together_do_what_they_do_one_by_one(world: World, steps: list[str]) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    for number, step in enumerate(steps):
        if step == "sell":
            world.sell(till, shift_id)
        elif step == "price":
            till.submit(world.price_change(1000 + number), world.owner_id)
        else:
            location = world.new_location(code=f"{len(world.devices)}-{number}")
            till.submit(location, world.owner_id)
    till.check()
    replica, place, envelopes = till.files.replica, till.place(), _envelopes(till)
    with replica.begin():
        expected = oracle.visible_rows(replica)
        for rerun in (rebase.rerun_all, rebase.rerun_one_by_one):
            take_off_pending(replica)
            rerun(replica, envelopes, place)
            assert oracle.visible_rows(replica) == expected


def test_a_command_that_fails_leaves_no_trace_of_its_first_half(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    world.sell(till, shift_id)
    good, bad = _envelopes(till)[1], _with_missing_variant(_envelopes(till)[1])
    replica = till.files.replica
    with replica.begin():
        take_off_pending(replica)
        rebase.rerun_all(replica, [_envelopes(till)[0], bad, good], till.place())
        found = doubts(Reader(replica))
        assert [doubt.cmd_id for doubt in found] == [bad.cmd_id]
        expected = oracle.rows_after(
            oracle.confirmed_rows(replica), [_envelopes(till)[0], good], till.place()
        )
        assert oracle.visible_rows(replica) == expected


def _with_missing_variant(envelope: Envelope) -> Envelope:
    args = msgspec.json.decode(envelope.args, type=dict[str, object])
    broken = args | {"shift_id": args["order_id"]}
    return replace(
        envelope,
        cmd_id="01a20000-0000-7000-8000-000000000001",
        args=msgspec.Raw(msgspec.json.encode(broken)),
    )


def test_a_command_that_no_release_knows_is_in_doubt_and_stops_nothing(world: World) -> None:
    till = world.till()
    shift_id = world.open_shift(till)
    strange = replace(_envelopes(till)[0], name="fold_napkins", cmd_id=shift_id)
    replica = till.files.replica
    with replica.begin():
        take_off_pending(replica)
        rebase.rerun_all(replica, [strange, _envelopes(till)[0]], till.place())
        assert [doubt.refusal.code for doubt in doubts(Reader(replica))] == ["command_unknown"]
        assert touched_keys(replica).keys() == {"shift"}


def test_permissions_are_those_of_the_role_held_now(world: World) -> None:
    till = world.till()
    replica = till.files.replica
    with replica.begin():
        work = UnitOfWork(replica)
        assert Permission.PRICE_EDIT in rebase.actor_named(work, world.owner_id).permissions
        cashier = rebase.actor_named(work, world.cashier_id)
        assert Permission.PRICE_EDIT not in cashier.permissions
        owner = work.require(UserRow, world.owner_id)
        work.put(replace(owner, is_active=False, role=Role.OWNER))
        assert rebase.actor_named(work, world.owner_id).permissions == frozenset()
        assert rebase.actor_named(work, None) == rebase.NOBODY


def test_the_first_run_refuses_what_a_later_run_takes_note_of(world: World) -> None:
    till = world.till()
    envelope = _opened_by_nobody(world, till)
    replica, place = till.files.replica, till.place()
    with replica.begin():
        work = UnitOfWork(replica)
        with pytest.raises(Rejected, match="permission_missing"):
            rebase.run_envelope(envelope, work, place, phase=Phase.FIRST)
    with replica.begin():
        work = UnitOfWork(replica)
        outcome = rebase.run_envelope(envelope, work, till.place(), phase=Phase.REPLAY)
    assert outcome.code == "permission_missing"


def _opened_by_nobody(world: World, till: DeviceInWorld) -> Envelope:
    world.open_shift(till)
    (envelope,) = _envelopes(till)
    with till.files.replica.begin():
        take_off_pending(till.files.replica)
    return replace(envelope, actor_id=None)
