"""What a device holds at one moment, as its writer's thread sees it."""

from dataclasses import dataclass

from desktop.journal import CommandState, Identity
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
    """Files of a device; `broken_at` is where the journal's chain is."""

    identity: Identity
    state: ReplicaState
    confirmed: Rows
    visible: Rows
    answers: dict[str, Answer]
    ids: tuple[str, ...]
    broken_at: int | None


def seen_in(bench: Workbench) -> Seen:
    """Look, in the writer's turn."""
    journal, files = bench.journal, bench.files
    entries = journal.entries(after=0)
    with files.replica.begin():
        state = read_state(files.replica)
        assert state is not None
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
        ids=tuple(entry.envelope.cmd_id for entry in entries),
        broken_at=journal.broken_at(),
    )
