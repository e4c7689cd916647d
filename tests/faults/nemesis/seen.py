"""What a device holds at one moment, as its writer's thread sees it."""

from dataclasses import dataclass

from desktop.journal import CommandState, Identity
from desktop.lives import broken_at
from desktop.workbench import Workbench
from shared.kernel.messages import Outcome
from shared.sync.replica import ReplicaState, read_state
from tests.support import oracle
from tests.support.oracle import Rows


@dataclass(frozen=True)
class Answer:
    """An outcome that a device was told, of its command at place `seq`."""

    seq: int
    commit_seq: int | None
    outcome: Outcome | None


@dataclass(frozen=True)
class Seen:
    """What the files of a device hold.

    `answers` and `waiting` are of its present life, `kept` are the ids of all its lives;
    `broken_at` is where the journal's chain is.
    """

    identity: Identity
    state: ReplicaState
    confirmed: Rows
    visible: Rows
    answers: dict[str, Answer]
    waiting: tuple[str, ...]
    kept: frozenset[str]
    broken_at: int | None


def seen_in(bench: Workbench) -> Seen:
    """Look, in the writer's turn."""
    journal, files = bench.journal, bench.files
    entries = journal.entries(after=0)
    kept = {
        str(row[0])
        for row in files.journal_connection.exec_driver_sql("SELECT cmd_id FROM command")
    }
    files.journal_connection.rollback()
    with files.replica.begin():
        state = read_state(files.replica) or ReplicaState(
            device_id=bench.identity.device_id, incarnation=bench.identity.incarnation
        )
        confirmed = oracle.confirmed_rows(files.replica)
        visible = oracle.visible_rows(files.replica)
    return Seen(
        identity=bench.identity,
        state=state,
        confirmed=confirmed,
        visible=visible,
        answers={
            entry.envelope.cmd_id: Answer(entry.envelope.seq, entry.commit_seq, entry.outcome)
            for entry in entries
            if entry.state is CommandState.DECIDED
        },
        waiting=tuple(
            entry.envelope.cmd_id for entry in entries if entry.state is CommandState.UNSENT
        ),
        kept=frozenset(kept),
        broken_at=broken_at(journal),
    )
