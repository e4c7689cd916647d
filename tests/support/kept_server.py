"""A reference server that is written down with all it knows, and one that goes on from there."""

import lzma
from pathlib import Path

import msgspec
import sqlalchemy as sa

from shared.kernel.clock import Clock
from shared.kernel.ids import TenantId
from shared.storage.images import image_table, upsert_values
from shared.sync.protocol.push import CommandOutcome
from tests.support.oracle import Rows, visible_rows
from tests.support.reference_server import LogRow, ReferenceServer


class _Change(msgspec.Struct):
    """One row of the change log; its image is null where the row left."""

    seq: int
    scope: str
    table: str
    key: list[str]
    image: msgspec.Raw


class _Answered(msgspec.Struct):
    """A command of a device under its place in one of its lives."""

    incarnation: int
    hash: str
    answer: CommandOutcome


class _Linked(msgspec.Struct):
    """What is known of a device."""

    incarnation: int
    last_seq: int
    last_hash: str
    answered: list[_Answered]


class _Written(msgspec.Struct):
    """Everything."""

    tenant_id: TenantId
    epoch: int
    seq: int
    rows: dict[str, list[msgspec.Raw]]
    log: list[_Change]
    links: dict[str, _Linked]


class KeptServer(ReferenceServer):
    """A reference server that goes on from what another one wrote down, maybe releases ago."""

    def __init__(self, clock: Clock, path: Path) -> None:
        super().__init__(clock)
        written = msgspec.json.decode(lzma.decompress(path.read_bytes()), type=_Written)
        self.tenant_id = written.tenant_id
        self._memory.epoch, self._memory.seq = written.epoch, written.seq
        load_images(self.connection, written.rows)
        for change in written.log:
            image = None if bytes(change.image) == b"null" else bytes(change.image)
            row = LogRow(change.seq, change.scope, change.table, tuple(change.key), image)
            self._memory.log.append(row)
        for device_id, linked in written.links.items():
            self.admit(device_id)
            link = self.link(device_id)
            link.incarnation, link.last_seq = linked.incarnation, linked.last_seq
            link.last_hash = linked.last_hash
            for each in linked.answered:
                link.seen[each.incarnation, each.answer.seq] = (each.hash, each.answer)
                self._memory.by_id[each.answer.cmd_id] = each.answer.outcome

    @staticmethod
    def keep(server: ReferenceServer, path: Path) -> None:
        """Write down what a server knows."""
        memory = server.memory
        rows = visible_rows(server.connection)
        server.connection.rollback()
        written = _Written(
            tenant_id=server.tenant_id,
            epoch=memory.epoch,
            seq=memory.seq,
            rows={
                name: [msgspec.Raw(image) for image in found.values()]
                for name, found in rows.items()
            },
            log=[
                _Change(
                    row.seq,
                    row.scope,
                    row.table,
                    list(row.key),
                    msgspec.Raw(row.image or b"null"),
                )
                for row in memory.log
            ],
            links={
                device_id: _Linked(
                    link.incarnation,
                    link.last_seq,
                    link.last_hash,
                    [
                        _Answered(life, hash_, answer)
                        for (life, _), (hash_, answer) in link.seen.items()
                    ],
                )
                for device_id, link in memory.links.items()
            },
        )
        path.write_bytes(lzma.compress(msgspec.json.encode(written), preset=9))


def load_images(connection: sa.Connection, rows: dict[str, list[msgspec.Raw]] | Rows) -> None:
    """Put rows into an empty database of the present release; what they lack takes its default."""
    with connection.begin():
        for name, found in rows.items():
            table = image_table(name)
            images = found.values() if isinstance(found, dict) else found
            upsert_values(connection, table, [table.read(image)[0] for image in images])
