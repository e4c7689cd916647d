"""The lives of a journal: what comes along when its device is paired anew."""

from collections.abc import Iterable
from dataclasses import replace

from desktop.journal import Entry, Identity, Journal
from shared.kernel.errors import Rejected
from shared.kernel.messages import OutcomeState

REBORN_WITH = "reborn_with"
"""A note: how many commands of the life that has just begun the replica's rows hold already; there
until the replica has been told."""
_APPLIED = frozenset({OutcomeState.APPLIED, OutcomeState.APPLIED_WITH_EXCEPTION})


def begin_life(
    journal: Journal,
    identity: Identity,
    *,
    contained: int | None = None,
    is_new_history: bool = False,
) -> None:
    """Become this device, or begin another life as the same one.

    Commands that have no outcome yet are carried over into the new life: numbered from 1, chained
    anew, with their own ids. The entries of the life before stay as they were; those of another
    device are put aside, because its lives are numbered from 1 as well.

    `contained` is the last command that the replica's rows hold: settled ones behind it come along,
    or they would be seen nowhere for a while; the server gives the outcome it has.

    With `is_new_history` the server was put back from a copy since this device heard of it. Nobody
    knows which outcomes of which life it has forgotten, so that all commands come along but those
    that were refused; the server gives the outcome it has.

    Raises Rejected("unsent_of_another_shop"): one shop's commands are never sent to another.
    """
    before = journal.identity()
    is_new_tenant = before is not None and before.tenant_id != identity.tenant_id
    is_new_device = before is not None and before.device_id != identity.device_id
    is_renumbered = is_new_history or is_new_device or is_new_tenant
    is_new_life = is_renumbered or before is None or before.incarnation != identity.incarnation
    behind = journal.head().seq if contained is None else contained
    settled: list[Entry] = []
    pending: list[Entry] = []
    if is_new_tenant:
        require_nothing_unsent(journal)
    elif is_new_history:
        settled, pending = _all_lives(journal, behind)
    elif is_new_life:
        pending = _carried(journal.entries(after=0), behind)
    journal.become(identity, is_renumbered=is_renumbered)
    if is_new_life:
        journal.set_note(REBORN_WITH, str(len(settled)))
    for entry in settled + pending:
        head = journal.head()
        journal.append(
            replace(
                entry.envelope,
                device_id=identity.device_id,
                incarnation=identity.incarnation,
                seq=head.seq + 1,
                prev_hash=head.hash,
            )
        )


def require_nothing_unsent(journal: Journal) -> None:
    """Raise Rejected("unsent_of_another_shop") while the server does not have everything."""
    identity, waiting = journal.identity(), journal.waiting()
    unsent = waiting.count + waiting.blobs
    if identity is not None and unsent:
        raise Rejected("unsent_of_another_shop", shop=identity.tenant_name, count=unsent)


def _all_lives(journal: Journal, contained: int) -> tuple[list[Entry], list[Entry]]:
    """All commands that were not refused: those that the replica's confirmed rows hold, others.

    `contained` is the last of the first kind.
    """
    pending = {entry.envelope.cmd_id for entry in journal.entries(after=contained)}
    kept = [
        entry
        for entry in journal.all_lives()
        if entry.outcome is None or entry.outcome.state is not OutcomeState.REJECTED
    ]
    return (
        [entry for entry in kept if entry.envelope.cmd_id not in pending],
        [entry for entry in kept if entry.envelope.cmd_id in pending],
    )


def _carried(entries: Iterable[Entry], contained: int) -> list[Entry]:
    """What goes on into a device's next life while the server's history is the same."""
    return [
        entry
        for entry in entries
        if entry.outcome is None
        or (entry.envelope.seq > contained and entry.outcome.state in _APPLIED)
    ]


def broken_at(journal: Journal) -> int | None:
    """The place of the first command that does not follow the one before it, or None."""
    before: Entry | None = None
    for entry in journal.entries(after=0):
        if entry.envelope.digest() != entry.hash:
            return entry.envelope.seq
        if before is not None and (
            entry.envelope.prev_hash != before.hash or entry.envelope.seq != before.envelope.seq + 1
        ):
            return entry.envelope.seq
        before = entry
    return None
