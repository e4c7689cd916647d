"""The server's own door to the business: runs one command and stores its outcome."""

import msgspec

from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.ids import DeviceId, TenantId, new_id
from shared.kernel.messages import (
    FIRST_HASH,
    Command,
    Envelope,
    Outcome,
    canonical_json,
)
from shared.kernel.permissions import Permission
from shared.runtime.bus import run
from sync_server import command_log
from sync_server.database import Database, TenantWork

SERVER_DEVICE = DeviceId("00000000-0000-0000-0000-000000000000")
"""The device that the command log names for commands which the server makes itself."""
SYSTEM = Actor(user_id=None, permissions=frozenset(Permission))
"""The server itself, or whoever sits at its command line."""
_COMMANDS_PER_COMMIT = 1 << 16


def run_command(
    database: Database,
    tenant_id: TenantId,
    command: Command,
    *,
    actor: Actor = SYSTEM,
    command_id: str | None = None,
) -> Outcome:
    """Run one command in a transaction of its own.

    A `command_id` that was decided before gives the stored outcome. Raises Rejected when it cannot
    be done as asked; then nothing changed.
    """
    with database.tenant_transaction(tenant_id) as unit:
        return run_in(unit, command, actor=actor, command_id=command_id)


def run_in(
    unit: TenantWork, command: Command, *, actor: Actor = SYSTEM, command_id: str | None = None
) -> Outcome:
    """Run one command inside an open transaction; many may share one, in their order.

    Raises Rejected; the transaction is then good for nothing but to be rolled back.
    """
    if command_id is not None:
        known = command_log.by_id(unit.connection, [command_id])
        if command_id in known:
            return known[command_id]
    envelope = _envelope(unit, command, actor=actor, command_id=command_id or new_id())
    context = Context(
        tenant_id=unit.tenant_id,
        command_id=envelope.cmd_id,
        command_name=envelope.name,
        nature=command.NATURE,
        phase=Phase.FIRST,
        actor=actor,
        station=Station(device_id=SERVER_DEVICE),
        business_at=unit.at,
    )
    outcome = run(command, unit.rows, context)
    unit.decided.append(
        command_log.Decided(
            envelope=envelope,
            hash=envelope.digest(),
            cmd_id=envelope.cmd_id,
            name=envelope.name,
            outcome=outcome,
        )
    )
    return outcome


def _envelope(unit: TenantWork, command: Command, *, actor: Actor, command_id: str) -> Envelope:
    """What the log keeps of a server's command; its seq orders, but does not count."""
    return Envelope(
        cmd_id=command_id,
        device_id=SERVER_DEVICE,
        incarnation=1,
        seq=unit.seq * _COMMANDS_PER_COMMIT + len(unit.decided),
        name=command.NAME,
        version=command.VERSION,
        args=msgspec.Raw(canonical_json(command)),
        actor_id=actor.user_id,
        business_at=unit.at,
        base_cursor=str(unit.head),
        numbers={},
        prev_hash=FIRST_HASH,
    )
