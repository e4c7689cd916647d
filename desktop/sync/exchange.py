"""What a device says to its server and what it makes of the answers; knows no network."""

import msgspec

from desktop.journal import CommandState
from desktop.workbench import Workbench
from shared.kernel.errors import Unavailable
from shared.kernel.messages import Envelope
from shared.sync.apply import Applied, follows
from shared.sync.endpoint import FORKED
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import (
    MAX_BYTES,
    MAX_COMMANDS,
    PushReply,
    PushRequest,
    PushState,
)
from shared.sync.protocol.version import PROTOCOL_VERSION


def next_push(bench: Workbench, *, most: int = MAX_COMMANDS) -> PushRequest | None:
    """The next commands to send, lowest first, or None when the server has answered all."""
    first = bench.journal.first_unsent()
    if first is None:
        return None
    commands: list[Envelope] = []
    size = 0
    for entry in bench.journal.entries(after=first - 1, limit=most):
        size += len(msgspec.json.encode(entry.envelope))
        if commands and size > MAX_BYTES:
            break
        commands.append(entry.envelope)
    return PushRequest(
        protocol=PROTOCOL_VERSION,
        incarnation=bench.identity.incarnation,
        commands=tuple(commands),
    )


def take_reply(bench: Workbench, reply: PushReply) -> None:
    """Keep the outcomes of a push, and send again what the server turns out to miss.

    Raises Unavailable("device_forked") when this device must be paired anew.
    """
    if reply.outcomes:
        bench.store_outcomes(reply.outcomes)
    if reply.state is PushState.FORKED:
        raise Unavailable(FORKED)
    if reply.state is PushState.GAP:
        _send_again(bench, reply.expected_seq)


def _send_again(bench: Workbench, expected_seq: int) -> None:
    """The server was put back: it has forgotten commands that it had decided."""
    first = bench.journal.entries(after=expected_seq - 1, limit=1)
    if not first or first[0].envelope.seq != expected_seq:
        # It expects something that this journal does not have: the journal was put back as well.
        raise Unavailable(FORKED)
    if first[0].state is CommandState.DECIDED:
        bench.forget_outcomes(after=expected_seq - 1)


def take_page(bench: Workbench, page: PullPage) -> Applied | None:
    """Take a page in; None when it came twice or too late.

    Raises Unavailable("device_forked") when the server has commands of this device that its
    journal does not know.
    """
    if page.acked_seq > bench.head.seq or _tells_of_another(bench, page):
        raise Unavailable(FORKED)
    return bench.apply(page)


def _tells_of_another(bench: Workbench, page: PullPage) -> bool:
    """Whether the server has settled commands as this device's that this journal did not make.

    A copy of this device sent them, or this device's next life. What the page counts as settled
    are their places in the order, and own commands would vanish in their stead.
    """
    standing = bench.standing()
    if not follows(standing, page):
        return False
    if page.acked_seq < standing.acked_seq:
        return True
    told = {outcome.seq: outcome.cmd_id for outcome in page.outcomes}
    if not told:
        return False
    first = min(told)
    entries = bench.journal.entries(after=first - 1, limit=max(told) - first + 1)
    mine = {entry.envelope.seq: entry.envelope.cmd_id for entry in entries}
    return any(mine.get(seq, cmd_id) != cmd_id for seq, cmd_id in told.items())
