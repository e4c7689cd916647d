"""What is settled is forgotten by days on which the server was heard, not by our own clock."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop.database import Durability, open_engine
from desktop.journal import Identity, Journal
from desktop.lives import begin_life, broken_at
from desktop.retention import DAYS_KEPT, forget_settled, hear_server, prune_aside
from shared.kernel.ids import DeviceId, TenantId, new_id
from shared.kernel.messages import Envelope, Outcome, OutcomeState
from shared.organization.commands import Workspace
from shared.sync.protocol.push import CommandOutcome
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TENANT = TenantId(new_id())


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    with open_engine(tmp_path / "journal.db", b"k" * 32, Durability.FULL).connect() as made:
        yield made


@pytest.fixture
def journal(connection: sa.Connection) -> Journal:
    made = Journal(connection)
    become(made, new_id(), incarnation=1)
    return made


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def till(world: World) -> DeviceInWorld:
    """A stopped till with something to send."""
    made = world.till()
    world.open_shift(made)
    made.stop()
    return made


def become(journal: Journal, device_id: str, *, incarnation: int) -> None:
    """Begin a life of the journal."""
    identity = Identity(
        tenant_id=TENANT,
        tenant_name="Corner Store",
        device_id=DeviceId(device_id),
        incarnation=incarnation,
        workspace=Workspace.KIOSK,
        location_id=None,
        register_id=None,
        scopes=("tenant",),
        server_url="",
    )
    with journal.writing():
        begin_life(journal, identity)


def settle(journal: Journal, *commits: int | None) -> None:
    """Append commands that the server decided at these commits, or has not decided."""
    identity = journal.identity()
    assert identity is not None
    for commit_seq in commits:
        head = journal.head()
        made = Envelope(
            cmd_id=new_id(),
            device_id=identity.device_id,
            incarnation=identity.incarnation,
            seq=head.seq + 1,
            name="open_shift",
            version=1,
            args=b"{}",  # type: ignore[arg-type] # any JSON will do
            actor_id=None,
            business_at=NOON,
            base_cursor="1.0",
            numbers={},
            prev_hash=head.hash,
        )
        outcome = Outcome(state=OutcomeState.APPLIED)
        with journal.writing():
            journal.append(made)
            if commit_seq is not None:
                journal.store_outcomes(
                    [
                        CommandOutcome(
                            seq=made.seq,
                            cmd_id=made.cmd_id,
                            commit_seq=commit_seq,
                            outcome=outcome,
                        )
                    ]
                )


def hear(journal: Journal, *days: int, head: int) -> None:
    """Hear the server on these days after the first."""
    for day in days:
        with journal.writing():
            hear_server(journal, NOON + day * DAY, head)


def left(journal: Journal) -> list[int]:
    """The commands that are there after pruning."""
    with journal.writing():
        forget_settled(journal)
    return [entry.envelope.seq for entry in journal.entries(after=0)]


def test_what_was_settled_before_ninety_days_of_hearing_is_forgotten(journal: Journal) -> None:
    settle(journal, 5, 9, 10, 11, 12)
    hear(journal, 0, head=10)
    hear(journal, *range(1, DAYS_KEPT), head=50)
    assert left(journal) == [1, 2, 3, 4, 5]

    hear(journal, DAYS_KEPT, head=50)

    assert left(journal) == [4, 5]
    assert broken_at(journal) is None


def test_days_without_a_word_from_the_server_do_not_count(journal: Journal) -> None:
    settle(journal, 5, 6)
    hear(journal, 0, 4000, 8000, head=10)

    assert left(journal) == [1, 2]


def test_a_servers_clock_that_jumps_ahead_and_back_counts_as_two_days(journal: Journal) -> None:
    settle(journal, 5, 6)
    hear(journal, 0, 1, 4000, 2, *range(3, DAYS_KEPT - 1), head=10)
    assert left(journal) == [1, 2]

    hear(journal, DAYS_KEPT, head=10)

    assert left(journal) == [2]


def test_many_words_on_one_day_are_one(journal: Journal) -> None:
    settle(journal, 5, 6)
    for minute in range(300):
        with journal.writing():
            hear_server(journal, NOON + timedelta(minutes=minute), 10)

    assert left(journal) == [1, 2]


def test_what_a_server_that_was_put_back_decides_anew_is_not_taken_for_old(
    journal: Journal,
) -> None:
    settle(journal, 5)
    hear(journal, 0, head=1000)
    hear(journal, *range(1, DAYS_KEPT), head=1000)
    hear(journal, DAYS_KEPT, head=10)
    settle(journal, 11, 12)

    assert left(journal) == [2, 3]


def test_unsent_commands_stay_and_so_does_what_follows_them(journal: Journal) -> None:
    settle(journal, 1, None, 2, 3)
    hear(journal, *range(DAYS_KEPT + 1), head=10)

    assert left(journal) == [2, 3, 4]


def test_earlier_lives_are_forgotten_with_what_was_carried_over(
    journal: Journal, connection: sa.Connection
) -> None:
    identity = journal.identity()
    assert identity is not None
    settle(journal, 5, 20, None)
    become(journal, identity.device_id, incarnation=2)
    hear(journal, 0, head=10)
    hear(journal, *range(1, DAYS_KEPT + 1), head=50)

    left(journal)

    found = connection.exec_driver_sql("SELECT incarnation, seq FROM command ORDER BY 1, 2").all()
    assert [tuple(row) for row in found] == [(1, 2), (1, 3), (2, 1)]


def test_closing_under_a_clock_ten_years_ahead_forgets_nothing(world: World) -> None:
    till = world.till()
    world.open_shift(till)
    till.sync()
    before = till.bench.head.seq
    entries = len(till.bench.journal.entries(after=0))

    world.clock.advance(timedelta(days=3650))
    till.stop()
    world.clock.advance(timedelta(days=-3650))
    till.start()

    assert till.bench.head.seq == before
    assert len(till.bench.journal.entries(after=0)) == entries
    till.check()


def test_a_device_that_hears_its_server_for_long_keeps_its_journal_short(world: World) -> None:
    till = world.till()
    for number in range(DAYS_KEPT + 3):
        till.submit(world.price_change(100 + number), world.owner_id)
        till.sync()
        world.clock.advance(DAY)
    till.stop()
    till.start()

    kept = till.bench.journal.entries(after=0)
    assert len(kept) == DAYS_KEPT
    till.submit(world.price_change(7), world.owner_id)
    till.sync()
    till.check_same_as_server()


def test_another_device_begins_to_count_anew(world: World) -> None:
    till: DeviceInWorld = world.till()
    for _ in range(3):
        till.sync()
        world.clock.advance(DAY)
    assert till.bench.note("server_days") is not None
    other = world.till()

    till.bench.enrol(other.bench.identity, {}, epoch=world.server.head.epoch)

    assert till.bench.note("server_days") is None


def test_replicas_put_aside_are_pruned_at_the_end_and_journals_never(till: DeviceInWorld) -> None:
    aside = till.profile.set_aside
    aside.mkdir()
    for number in range(1, 6):
        for name in ("replica", "journal"):
            (aside / f"{name}-{number}.db").write_text(name)
        (aside / f"replica-{number}.db-wal").write_text("log")
    till.start()
    till.stop()

    kept = {path.name for path in aside.iterdir()}
    assert kept == {
        *(f"journal-{number}.db" for number in range(1, 6)),
        *(f"replica-{number}.db{suffix}" for number in (3, 4, 5) for suffix in ("", "-wal")),
    }


def test_replicas_put_aside_are_pruned_after_a_month_but_for_the_newest(
    world: World, till: DeviceInWorld
) -> None:
    aside = till.profile.set_aside
    aside.mkdir()
    for number in (1, 2, 3):
        (aside / f"replica-{number}.db").write_text("")
        os.utime(aside / f"replica-{number}.db", (world.clock.now().timestamp(),) * 2)
    for ahead, left in (
        (timedelta(days=-4000), 3),
        (timedelta(days=29), 3),
        (timedelta(days=31), 1),
    ):
        prune_aside(till.profile.replica, aside, now=world.clock.now() + ahead)
        assert len(list(aside.iterdir())) == left
    assert (aside / "replica-3.db").exists()


def test_a_copy_of_the_journal_does_not_rest_after_the_clock_was_ahead(
    world: World, till: DeviceInWorld
) -> None:
    till.start()
    for jump, copies in ((0, 1), (3650, 2), (-3650, 3)):
        world.clock.advance(timedelta(days=jump))
        till.submit(world.price_change(100 + copies), world.owner_id)
        before = till.profile.backups.joinpath("journal-1.db").stat().st_ino
        till.push()
        assert till.profile.backups.joinpath("journal-1.db").stat().st_ino != before
