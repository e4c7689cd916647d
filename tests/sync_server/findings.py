"""What a site's database has come to hold."""

import sqlalchemy as sa

from shared.customers.tables import CustomerRow
from shared.inbox.tables import CaseRow
from shared.storage.reader import Reader
from sync_server.schema import COMMAND_LOG, FORK_LOG
from tests.sync_server.devices import Device, Site


def names(site: Site) -> list[str]:
    """The names of all customers."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return sorted(row.name for row in Reader(connection).find(CustomerRow))


def cases(site: Site) -> list[CaseRow]:
    """All cases of the inbox."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return Reader(connection).find(CaseRow)


def kept(site: Site) -> list[tuple[int, int, str]]:
    """Life, seq and hash of all commands that lie beside the log."""
    c = FORK_LOG.c
    wanted = sa.select(c.incarnation, c.seq, c.hash).order_by(c.incarnation, c.seq, c.hash)
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return [(row.incarnation, row.seq, row.hash) for row in connection.execute(wanted)]


def log_of(site: Site, device: Device) -> list[tuple[int, int]]:
    """Life and seq of all commands of a device that were decided."""
    c = COMMAND_LOG.c
    wanted = sa.select(c.incarnation, c.seq).where(c.device_id == device.device_id)
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        found = connection.execute(wanted.order_by(c.incarnation, c.seq))
        return [(row.incarnation, row.seq) for row in found]
