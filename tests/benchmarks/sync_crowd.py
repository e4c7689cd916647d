"""A thousand devices that only listen to one server process, and how soon all hear of news."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from shared.kernel.clock import SystemClock
from shared.kernel.ids import DeviceId, new_id
from shared.organization.commands import RegisterDevice, Workspace
from shared.sync.endpoint import WAIT_PATH
from sync_server.auth.tokens import Tokens
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_stage import Goods, Stage, stage
from tests.sync_server.devices import customer

DEVICES = 1_000
RUNS = 5
_LONGEST_WAIT_S = 60.0


def figures() -> list[BenchResult]:
    """Each device has a token and a line of its own; what it would fetch is measured elsewhere."""
    with stage() as opened:
        goods = opened.goods(1)
        before = opened.memory_mib()
        tokens = _tokens(goods)
        heard, memory, joined = asyncio.run(_crowd(opened, goods, tokens))
    return [
        measured(
            f"{DEVICES:,} idle devices, server memory", "MiB", [memory], better="lower", target=400
        ),
        measured("  of it before they came", "MiB", [before], better="lower"),
        measured("  until all are connected", "s", [joined], better="lower"),
        measured(
            "nudge to all of them, last one",
            "s",
            [max(run) for run in heard],
            better="lower",
            target=2.0,
        ),
        measured("  median device", "s", [statistics.median(run) for run in heard], better="lower"),
    ]


def _tokens(goods: Goods) -> list[str]:
    """A thousand devices as the server knows them, each with its own token."""
    site = goods.site
    device_ids = [DeviceId(new_id()) for _ in range(DEVICES)]
    site.run(
        *(
            RegisterDevice(
                device_id=device_id,
                name=f"Device {number}",
                workspace=Workspace.MERCHANT,
                location_id=None,
                register_id=None,
            )
            for number, device_id in enumerate(device_ids)
        )
    )
    issuer = Tokens(site.server.database, SystemClock(), minutes=10)
    return [issuer.issue(site.tenant_id, device_id)[0] for device_id in device_ids]


async def _crowd(
    opened: Stage, goods: Goods, tokens: Sequence[str]
) -> tuple[list[list[float]], float, float]:
    """Seconds from a commit until each device heard, by run; server memory; seconds to connect."""
    async with AsyncExitStack() as lines:
        started = time.perf_counter()
        limit = asyncio.Semaphore(50)

        async def joined_in_turn(token: str) -> asyncio.StreamReader:
            async with limit:
                return await _joined(opened.address, token, lines)

        readers = await asyncio.gather(*(joined_in_turn(token) for token in tokens))
        joined = time.perf_counter() - started
        runs = []
        for run in range(RUNS):
            listening = asyncio.gather(*(_next_head(reader) for reader in readers))
            await asyncio.sleep(0)
            seq = await asyncio.to_thread(goods.site.run, customer(f"Ada {run}"))
            done = time.perf_counter()
            heard = await asyncio.wait_for(listening, _LONGEST_WAIT_S)
            assert {head for head, _at in heard} == {f"1.{seq}"}
            runs.append([at - done for _head, at in heard])
        return runs, opened.memory_mib(), joined


async def _joined(address: str, token: str, lines: AsyncExitStack) -> asyncio.StreamReader:
    """A line on which the first head came already."""
    target = urlsplit(address)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    lines.callback(writer.close)
    request = (
        f"GET {WAIT_PATH} HTTP/1.1\r\nHost: {target.netloc}\r\n"
        f"Authorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    )
    writer.write(request.encode())
    assert b" 200 " in await reader.readline()
    await _next_head(reader)
    return reader


async def _next_head(reader: asyncio.StreamReader) -> tuple[str, float]:
    """The next head on a line, and when it came."""
    while True:
        line = await reader.readline()
        assert line, "the server closed a line"
        if line.startswith(b"data:"):
            return line.split(b'"')[3].decode(), time.perf_counter()


if __name__ == "__main__":
    tell(figures())
