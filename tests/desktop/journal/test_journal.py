"""The journal keeps commands in one unbroken chain, with their numbers, outcomes and drafts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from desktop.database import Durability, open_engine
from desktop.journal import CommandState, Identity, Journal
from desktop.lives import REBORN_WITH, begin_life, broken_at
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import DeviceId, TenantId, new_id
from shared.kernel.messages import Envelope, Outcome, OutcomeState
from shared.organization.commands import Workspace
from shared.sync.protocol.push import CommandOutcome

KEY = bytes(range(32))
TENANT = TenantId(new_id())
BLOB = BlobRef(sha256="f" * 64, size_bytes=1000, media_type="image/png")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    with open_engine(tmp_path / "journal.db", KEY, Durability.FULL).connect() as made:
        yield made


@pytest.fixture
def journal(connection: sa.Connection) -> Journal:
    made = Journal(connection)
    with made.writing():
        begin_life(made, _identity())
    return made


def _identity(
    device_id: str = "", *, incarnation: int = 1, tenant_id: TenantId = TENANT
) -> Identity:
    return Identity(
        tenant_id=tenant_id,
        tenant_name="Corner Store",
        device_id=DeviceId(device_id or new_id()),
        incarnation=incarnation,
        workspace=Workspace.KIOSK,
        location_id=None,
        register_id=None,
        scopes=("tenant",),
        server_url="https://shop.example",
    )


def _next(journal: Journal, **numbers: int) -> Envelope:
    head, identity = journal.head(), journal.identity()
    assert identity is not None
    return Envelope(
        cmd_id=new_id(),
        device_id=identity.device_id,
        incarnation=identity.incarnation,
        seq=head.seq + 1,
        name="open_shift",
        version=1,
        args=msgspec.Raw(b'{"note":"\xc3\xa4"}'),
        actor_id=None,
        business_at=NOON + timedelta(seconds=head.seq),
        base_cursor="1.0",
        numbers=numbers,
        prev_hash=head.hash,
    )


def _append(journal: Journal, count: int = 1, **numbers: int) -> list[Envelope]:
    made = []
    for _ in range(count):
        made.append(_next(journal, **numbers))
        with journal.writing():
            journal.append(made[-1])
    return made


def _refusal(envelope: Envelope) -> CommandOutcome:
    refused = Outcome(state=OutcomeState.REJECTED, code="not_now")
    return replace(_outcome(envelope), outcome=refused)


def _outcome(envelope: Envelope, *, commit_seq: int = 7) -> CommandOutcome:
    return CommandOutcome(
        seq=envelope.seq,
        cmd_id=envelope.cmd_id,
        commit_seq=commit_seq,
        outcome=Outcome(state=OutcomeState.APPLIED),
    )


def test_a_command_comes_back_as_it_was_written(journal: Journal) -> None:
    (written,) = _append(journal)
    (entry,) = journal.entries(after=0)
    assert entry.envelope.digest() == written.digest() == entry.hash
    assert bytes(entry.envelope.args) == bytes(written.args)
    assert (entry.state, entry.outcome) == (CommandState.UNSENT, None)


def test_commands_form_a_chain_that_shows_where_it_was_altered(
    journal: Journal, connection: sa.Connection
) -> None:
    _append(journal, 4)
    assert broken_at(journal) is None
    with connection.begin():
        connection.exec_driver_sql("UPDATE command SET hash = 'forged' WHERE seq = 3")
    assert broken_at(journal) == 3
    with connection.begin():
        connection.exec_driver_sql("DELETE FROM command WHERE seq = 3")
    assert broken_at(journal) == 4


def test_a_command_that_does_not_follow_the_last_one_is_not_written(journal: Journal) -> None:
    stale = _next(journal)
    _append(journal)
    with pytest.raises(Bug, match="does not follow"), journal.writing():
        journal.append(stale)
    assert journal.head().seq == 1


def test_a_number_is_used_up_by_the_command_that_has_it_and_by_no_other(
    journal: Journal,
) -> None:
    assert journal.next_numbers(["receipt", "z"]) == {"receipt": 1, "z": 1}
    _append(journal, 1, receipt=1)
    assert journal.next_numbers(["receipt", "z"]) == {"receipt": 2, "z": 1}


def test_a_transaction_that_fails_takes_command_and_number_back(journal: Journal) -> None:
    envelope = _next(journal, receipt=1)

    def write_and_fail() -> None:
        with journal.writing():
            journal.append(envelope)
            journal.save_draft("cart", b"x", NOON)
            raise Unavailable("disk_full")

    with pytest.raises(Unavailable, match="disk_full"):
        write_and_fail()
    assert journal.head().seq == 0
    assert journal.next_numbers(["receipt"]) == {"receipt": 1}
    assert journal.load_draft("cart") is None


def test_a_series_is_only_ever_raised(journal: Journal) -> None:
    with journal.writing():
        journal.raise_number("receipt", 40)
        journal.raise_number("receipt", 12)
    assert journal.next_numbers(["receipt"]) == {"receipt": 41}


def test_nothing_is_written_outside_a_transaction(journal: Journal) -> None:
    with pytest.raises(Bug, match="only written inside"):
        journal.set_note("name", "value")


def test_the_first_outcome_of_a_command_stays(journal: Journal) -> None:
    first, second = _append(journal, 2)
    with journal.writing():
        assert journal.store_outcomes([_outcome(first)]) == 1
        assert journal.store_outcomes([_outcome(first, commit_seq=9)]) == 0
    entry = journal.command(first.cmd_id)
    assert entry is not None
    assert (entry.state, entry.commit_seq) == (CommandState.DECIDED, 7)
    assert journal.first_unsent() == second.seq
    waiting = journal.waiting()
    assert (waiting.count, waiting.oldest_at) == (1, second.business_at)


def test_forgotten_outcomes_make_commands_unsent_again(journal: Journal) -> None:
    sent = _append(journal, 3)
    with journal.writing():
        journal.store_outcomes(_outcome(each) for each in sent)
    assert journal.first_unsent() is None
    with journal.writing():
        journal.forget_outcomes(after=1)
    assert journal.first_unsent() == 2
    assert journal.waiting().count == 2


def test_a_draft_is_replaced_cleared_and_kept_over_a_reopening(
    journal: Journal, connection: sa.Connection
) -> None:
    with journal.writing():
        journal.save_draft("cart", b"one", NOON)
        journal.save_draft("cart", b"two", NOON)
        journal.save_draft("count", b"three", NOON)
    found = Journal(connection).load_draft("cart")
    assert found is not None
    assert (found.content, found.saved_at) == (b"two", NOON)
    with journal.writing():
        journal.save_draft("cart", None, NOON)
    assert journal.load_draft("cart") is None
    assert journal.load_draft("count") is not None


def test_the_next_life_sends_again_what_has_no_outcome_and_keeps_the_old_one(
    journal: Journal, connection: sa.Connection
) -> None:
    sent, *unsent = _append(journal, 3, receipt=1)
    with journal.writing():
        journal.store_outcomes([_outcome(sent)])
    before = journal.identity()
    assert before is not None
    with journal.writing():
        begin_life(journal, _identity(before.device_id, incarnation=2))
    entries = journal.entries(after=0)
    assert [entry.envelope.cmd_id for entry in entries] == [each.cmd_id for each in unsent]
    assert [entry.envelope.seq for entry in entries] == [1, 2]
    assert {entry.envelope.incarnation for entry in entries} == {2}
    assert broken_at(journal) is None
    assert journal.next_numbers(["receipt"]) == {"receipt": 2}
    with connection.begin():
        kept = connection.exec_driver_sql("SELECT count(*) FROM command WHERE incarnation = 1")
        assert kept.scalar() == 3


def test_another_device_s_first_life_begins_anew_whatever_number_the_one_before_had(
    journal: Journal, connection: sa.Connection
) -> None:
    made = _append(journal, 3, receipt=1)
    with journal.writing():
        journal.store_outcomes([_outcome(made[0])])
    for turn in range(2):
        with journal.writing():
            begin_life(journal, _identity(DeviceId(new_id()), incarnation=1))
        identity, entries = journal.identity(), journal.entries(after=0)
        assert identity is not None
        assert [entry.envelope.cmd_id for entry in entries] == [each.cmd_id for each in made[1:]]
        assert [entry.envelope.seq for entry in entries] == [1, 2]
        assert {entry.envelope.device_id for entry in entries} == {identity.device_id}
        assert broken_at(journal) is None
        with connection.begin():
            kept = connection.exec_driver_sql("SELECT count(*) FROM command")
            assert kept.scalar() == 5 + 2 * turn


def test_the_same_identity_again_carries_nothing_over(journal: Journal) -> None:
    _append(journal, 2)
    identity = journal.identity()
    assert identity is not None
    with journal.writing():
        begin_life(journal, identity)
    assert [entry.envelope.seq for entry in journal.entries(after=0)] == [1, 2]


def test_after_a_restore_of_the_server_all_lives_come_along_in_their_order_each_command_once(
    journal: Journal,
) -> None:
    made = _append(journal, 4, receipt=1)
    with journal.writing():
        journal.store_outcomes([_outcome(made[0]), _refusal(made[1])])
    before = journal.identity()
    assert before is not None
    with journal.writing():
        begin_life(journal, _identity(before.device_id, incarnation=2))
        journal.store_outcomes([_outcome(entry.envelope) for entry in journal.entries(after=0)])
    made += _append(journal, 1, receipt=9)
    # The server was put back to before the second life and gives that number out again.
    with journal.writing():
        begin_life(
            journal, _identity(before.device_id, incarnation=2), contained=2, is_new_history=True
        )
    entries = journal.entries(after=0)
    wanted = [made[0], *made[2:]]
    assert [entry.envelope.cmd_id for entry in entries] == [each.cmd_id for each in wanted]
    assert {entry.state for entry in entries} == {CommandState.UNSENT}
    assert journal.note(REBORN_WITH) == "3"
    assert broken_at(journal) is None


def test_one_shop_s_commands_never_come_along_to_another(journal: Journal) -> None:
    sent = _append(journal, 2, receipt=5)
    before = journal.identity()
    assert before is not None
    elsewhere = _identity(before.device_id, tenant_id=TenantId(new_id()))
    with pytest.raises(Rejected, match="unsent_of_another_shop"), journal.writing():
        begin_life(journal, elsewhere)
    assert journal.identity() == before
    with journal.writing():
        journal.store_outcomes(_outcome(each) for each in sent)
        journal.save_draft("cart", b"mugs", NOON)
        begin_life(journal, elsewhere, is_new_history=True)
    assert journal.entries(after=0) == []
    assert journal.load_draft("cart") is None
    assert journal.next_numbers(["receipt"]) == {"receipt": 1}
    mine = _append(journal, 1)
    for _turn in range(2):
        with journal.writing():
            begin_life(journal, elsewhere, is_new_history=True)
        entries = journal.entries(after=0)
        assert [entry.envelope.cmd_id for entry in entries] == [mine[0].cmd_id]


def test_a_journal_of_the_first_release_gets_what_it_lacks_and_keeps_what_it_has(
    connection: sa.Connection, journal: Journal
) -> None:
    sent = _append(journal, 3)
    with connection.begin():
        connection.exec_driver_sql("DROP TABLE blob_upload")
        connection.exec_driver_sql("PRAGMA user_version = 1")

    upgraded = Journal(connection)

    assert [entry.envelope for entry in upgraded.entries(after=0)] == list(sent)
    assert broken_at(upgraded) is None
    assert upgraded.waiting().blobs == 0
    with upgraded.writing():
        upgraded.uploads.add(BLOB, NOON)
    assert Journal(connection).uploads.waiting() == (BLOB,)


def test_blobs_wait_in_the_order_in_which_they_were_added_and_once_each(journal: Journal) -> None:
    other = replace(BLOB, sha256="0" * 64)
    with journal.writing():
        for blob, minutes in ((BLOB, 1), (other, 2), (BLOB, 3)):
            journal.uploads.add(blob, NOON + timedelta(minutes=minutes))

    assert journal.uploads.waiting() == (BLOB, other)
    assert journal.waiting().blobs == 2
    with journal.writing():
        journal.uploads.sent(BLOB.sha256)
    assert journal.uploads.waiting() == (other,)


def test_a_journal_of_a_later_release_is_left_alone(connection: sa.Connection) -> None:
    Journal(connection)
    with connection.begin():
        connection.exec_driver_sql("PRAGMA user_version = 99")
    with pytest.raises(Unavailable, match="journal_too_new"):
        Journal(connection)


def test_what_is_long_settled_is_forgotten_from_the_start_of_the_chain(journal: Journal) -> None:
    sent = _append(journal, 5)
    with journal.writing():
        journal.store_outcomes(_outcome(each) for each in (sent[0], sent[1], sent[3]))
        assert journal.prune(100) == 2
    assert [entry.envelope.seq for entry in journal.entries(after=0)] == [3, 4, 5]
    assert broken_at(journal) is None
    with journal.writing():
        journal.store_outcomes(_outcome(each) for each in sent)
        assert journal.prune(0) == 0
        assert journal.prune(100) == 2
    assert journal.head().seq == 5
    _append(journal)
    assert broken_at(journal) is None
