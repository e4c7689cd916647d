"""A restored server tells all devices at once to fill anew: files serve them, not the database."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from sync_server.app import create_app
from sync_server.bucket import object_store
from sync_server.settings import Settings
from sync_server.tenancy import start_new_epoch
from tests.support.databases import ServerDatabase
from tests.sync_server.devices import Site
from tests.sync_server.filled_shop import OFFICE, made, stock_up
from tests.sync_server.refilling import crowd, refill_all

DEVICES = 150


@pytest.fixture
def settings(server_database: ServerDatabase, tmp_path: Path) -> Settings:
    return Settings(
        data_folder=tmp_path / "server", database_url=server_database.url, bootstrap_rows=1
    )


@pytest.fixture
def app(settings: Settings, server_database: ServerDatabase) -> FastAPI:
    return create_app(settings, clock=server_database.clock)


@dataclass
class Load:
    """What the database was asked for: statements, and the rows that it gave."""

    statements: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def note(self, *seen: object) -> None:
        _connection, cursor, statement, *_ = seen
        self.statements[str(statement)] += 1
        self.rows += max(0, getattr(cursor, "rowcount", 0))


@contextmanager
def watched() -> Iterator[Load]:
    load = Load()
    sa.event.listen(sa.Engine, "after_cursor_execute", load.note)
    try:
        yield load
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", load.note)


def test_a_crowd_that_refills_at_once_is_served_from_one_file_for_each_kind_of_device(
    site: Site, settings: Settings, listening: socket.socket
) -> None:
    shop, server = stock_up(site), site.server
    tokens = crowd(shop, server.clock, DEVICES)
    start_new_epoch(server.owner, shop.tenant, now=server.clock.now())
    kinds = (OFFICE, *(("tenant", f"location:{each}") for each in shop.location_ids))
    files = [made(shop, object_store(settings), scopes) for scopes in kinds]
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    with watched() as load:
        filled = asyncio.run(refill_all(address, tokens, lost="1.5"))

    assert len(filled) == DEVICES
    assert {each.sha256 for each in filled} == {file.sha256 for file in files}
    assert load.rows / DEVICES < 60 < min(file.row_count for file in files)
    assert load.statements.total() / DEVICES < 40
    looks = sum(count for text, count in load.statements.items() if "change_log" in text)
    # A pull of the tail and the till's own rows for each, and hardly a look at a file's age.
    assert looks <= 2 * DEVICES + 10 * len(files)
    assert len(object_store(settings).names("bootstrap/")) == 2 * len(files)
