"""Who may work at a device: PINs, waits after wrong ones, lock, roles that change."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from desktop.session import FREE_ATTEMPTS, Failures, Session, pin_hash
from desktop.work import Work, open_work
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId, new_id
from shared.kernel.permissions import Permission, Role
from shared.organization.commands import AddUser
from shared.organization.tables import UserRow
from shared.storage.unit_of_work import UnitOfWork
from tests.support.world import OPENING, World
from tests.support.world_device import Heard

PIN = "4711"
T = TypeVar("T")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def supervisor_id(world: World) -> UserId:
    user_id = UserId(new_id())
    world.server.do(
        AddUser(user_id=user_id, name="Sam", role=Role.SUPERVISOR, pin_hash=pin_hash(PIN))
    )
    return user_id


@pytest.fixture
def work(world: World, supervisor_id: UserId) -> Iterator[Work]:
    till = world.till()
    till.stop()
    made = open_work(till.profile, till.keys, clock=world.clock, listener=Heard())
    yield made
    made.close()


@pytest.fixture
def session(work: Work, world: World) -> Session:
    return Session(work, world.clock)


def _run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)


def _fails(session: Session, user_id: str, pin: str = "0000") -> Rejected:
    with pytest.raises(Rejected) as caught:
        _run(session.sign_in(user_id, pin))
    return caught.value


def test_the_right_pin_lets_its_person_work(session: Session, supervisor_id: UserId) -> None:
    assert not session.may(Permission.SELL)
    _run(session.sign_in(supervisor_id, PIN))
    assert (session.user_id, session.user_name) == (supervisor_id, "Sam")
    assert session.may(Permission.SELL)
    assert not session.may(Permission.ORGANIZATION)


def test_a_person_without_a_pin_is_let_in_without_one(session: Session, world: World) -> None:
    _run(session.sign_in(world.cashier_id, ""))
    assert session.user_name == "Carl"


def test_a_wrong_pin_lets_nobody_in(session: Session, supervisor_id: UserId) -> None:
    assert _fails(session, supervisor_id).code == "pin_wrong"
    assert session.user_id is None


def test_who_is_not_known_or_has_left_is_not_let_in(
    session: Session, work: Work, world: World
) -> None:
    assert _fails(session, new_id()).code == "user_inactive"
    _deactivate(work, world.cashier_id)
    assert _fails(session, world.cashier_id, "").code == "user_inactive"


def _deactivate(work: Work, user_id: str) -> None:
    def change(bench: Any) -> None:  # noqa: ANN401 - reaches below the workbench on purpose
        with bench._replica.begin():  # noqa: SLF001 - as a page of the server would
            rows = UnitOfWork(bench._replica)  # noqa: SLF001 - as above
            rows.put(replace(rows.require(UserRow, user_id), is_active=False))
            rows.flush()

    work.ask(change).result()


def test_after_five_wrong_pins_there_is_a_wait_that_doubles(
    session: Session, supervisor_id: UserId, world: World
) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert _fails(session, supervisor_id).code == "pin_wrong"
    refused = _fails(session, supervisor_id, PIN)
    assert (refused.code, refused.params) == ("pin_wait", {"seconds": 15})
    world.clock.advance(timedelta(seconds=15))
    assert _fails(session, supervisor_id).code == "pin_wrong"
    assert _fails(session, supervisor_id).params == {"seconds": 30}
    world.clock.advance(timedelta(seconds=30))
    _run(session.sign_in(supervisor_id, PIN))
    assert _fails(session, supervisor_id).code == "pin_wrong"


def test_a_restart_and_a_clock_put_back_do_not_shorten_the_wait(
    supervisor_id: UserId, world: World, work: Work
) -> None:
    for _ in range(FREE_ATTEMPTS):
        _fails(Session(work, world.clock), supervisor_id)
    world.clock.advance(timedelta(days=-2))
    restarted = Session(work, world.clock)
    assert _fails(restarted, supervisor_id, PIN).params == {"seconds": 15}


def test_the_wait_of_one_person_does_not_keep_another_out(
    session: Session, supervisor_id: UserId, world: World
) -> None:
    for _ in range(FREE_ATTEMPTS):
        _fails(session, supervisor_id)
    _run(session.sign_in(world.cashier_id, ""))
    assert session.user_name == "Carl"


@pytest.mark.parametrize(("count", "seconds"), [(0, 0), (4, 0), (5, 15), (8, 120), (500, 900)])
def test_the_wait_grows_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    assert Failures(count, OPENING).wait == timedelta(seconds=seconds)


def test_a_locked_screen_keeps_its_person_but_allows_nothing(
    session: Session, supervisor_id: UserId
) -> None:
    _run(session.sign_in(supervisor_id, PIN))
    session.lock()
    assert session.is_locked
    assert session.user_id == supervisor_id
    assert not session.may(Permission.SELL)
    assert _fails(session, supervisor_id).code == "pin_wrong"
    assert session.is_locked
    _run(session.sign_in(supervisor_id, PIN))
    assert not session.is_locked


def test_an_approval_leaves_the_person_who_works_in_place(
    session: Session, supervisor_id: UserId, world: World
) -> None:
    _run(session.sign_in(world.cashier_id, ""))
    approver = _run(session.check_approval(supervisor_id, PIN, Permission.DISCOUNT))
    assert session.user_id == world.cashier_id
    assert approver.user_id == supervisor_id
    with pytest.raises(Rejected, match="permission_missing"):
        _run(session.check_approval(supervisor_id, PIN, Permission.ORGANIZATION))


def test_listeners_hear_of_each_change_once(
    work: Work, world: World, supervisor_id: UserId
) -> None:
    heard: list[str | None] = []
    sessions: list[Session] = []
    session = Session(work, world.clock, on_change=lambda: heard.append(sessions[0].user_id))
    sessions.append(session)
    _run(session.sign_in(supervisor_id, PIN))
    session.lock()
    session.lock()
    session.sign_out()
    session.sign_out()
    assert heard == [supervisor_id, supervisor_id, None]


def test_who_leaves_the_staff_is_signed_out(
    session: Session, supervisor_id: UserId, work: Work
) -> None:
    _run(session.sign_in(supervisor_id, PIN))
    _run(session.refresh([new_id()]))
    assert session.user_id == supervisor_id
    _deactivate(work, supervisor_id)
    _run(session.refresh([supervisor_id]))
    assert session.user_id is None
