"""What disk and databases allow by themselves, measured in the run that is compared with it."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql

from desktop.database import Durability, open_engine
from sync_server.tenancy import schema_of
from tests.benchmarks.result import percentile

_SECONDS = 1.5
_STEPS = 1_000_000
_ROUNDS = 5
_BLOCK = os.urandom(16_384)


def commits_per_s(url: str) -> float:
    """Small transactions of one connection, each waiting for the disk, in a second."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.bench_tick (at int)")
        started, count = time.perf_counter(), 0
        while time.perf_counter() - started < _SECONDS:
            connection.execute("INSERT INTO public.bench_tick VALUES (1)")
            count += 1
        spent = time.perf_counter() - started
        connection.execute("DROP TABLE public.bench_tick")
    return count / spent


def fsync_ms(path: Path) -> float:
    """One write of 16 KiB that waits for the disk."""
    with path.open("ab") as file:
        file.write(_BLOCK)
        file.flush()
        started = time.perf_counter()
        os.fsync(file.fileno())
        return (time.perf_counter() - started) * 1000


def python_ms() -> float:
    """A fixed piece of Python: tells how fast this machine is now, whoever else is using it."""
    started, total = time.perf_counter(), 0
    for number in range(_STEPS):
        total += number * number
    assert total
    return (time.perf_counter() - started) * 1000


def answers_ms(address: str, devices: int, share: float) -> float:
    """Until that share of so many clients, all asking at once, has an answer without any content.

    The clients live in this process, as the devices do that are compared with them.
    """

    async def ask_all() -> float:
        clients = [httpx.AsyncClient(base_url=address, timeout=60) for _ in range(devices)]
        runs = []
        for _ in range(_ROUNDS):
            started = time.perf_counter()

            async def ask(client: httpx.AsyncClient, since: float = started) -> float:
                assert (await client.get("/health")).is_success
                return time.perf_counter() - since

            runs.append(percentile(await asyncio.gather(*map(ask, clients)), share) * 1000)
        for client in clients:
            await client.aclose()
        return min(runs)

    return asyncio.run(ask_all())


def copied_rows_per_s(url: str, tenant_id: str, *, after: int) -> float:
    """Rows of the change log behind a commit, by PostgreSQL's own COPY."""
    wanted = sql.SQL("COPY (SELECT seq, tbl, key, image FROM {} WHERE seq > {}) TO STDOUT").format(
        sql.Identifier(schema_of(tenant_id), "change_log"), sql.Literal(after)
    )
    rows, started = 0, time.perf_counter()
    with (
        psycopg.connect(_plain(url)) as connection,
        connection.cursor() as cursor,
        cursor.copy(wanted) as copy,
    ):
        for part in copy:
            rows += bytes(part).count(b"\n")
    return rows / (time.perf_counter() - started)


def inserted_rows_per_s(folder: Path, rows: Sequence[tuple[object, ...]]) -> float:
    """Rows into an encrypted SQLite file without indexes, by the driver's own executemany."""
    path = folder / "insert.db"
    engine = open_engine(path, b"k" * 32, Durability.NORMAL)
    with engine.connect() as connection:
        names = ", ".join(f"c{place}" for place in range(len(rows[0])))
        marks = ", ".join("?" for _ in rows[0])
        driver: Any = connection.connection.driver_connection
        driver.execute(f"CREATE TABLE plain ({names})")
        started = time.perf_counter()
        with connection.begin():
            driver.executemany(f"INSERT INTO plain VALUES ({marks})", rows)  # noqa: S608 - marks
        spent = time.perf_counter() - started
    engine.dispose()
    path.unlink()
    return len(rows) / spent


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")
