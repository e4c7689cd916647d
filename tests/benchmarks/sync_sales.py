"""How many sales a server decides in a second, of one tenant and of sixteen, over HTTP."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec

from shared.kernel.messages import Envelope, OutcomeState
from shared.sync.endpoint import PUSH_PATH
from shared.sync.protocol.push import PushReply, PushRequest, PushState
from shared.sync.protocol.version import PROTOCOL_VERSION
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_ceilings import commits_per_s
from tests.benchmarks.sync_stage import Goods, Stage, Till, stage
from tests.sync_server.devices import Device, read

RUNS = 3
SALES = 1_500
BATCH = 500
TENANTS = 16
SALES_PER_TENANT = 150
PRODUCTS = 500
_APPLIED = {OutcomeState.APPLIED, OutcomeState.APPLIED_WITH_EXCEPTION}


def figures() -> list[BenchResult]:
    """Bodies are made beforehand; what is timed is the server's answer to them."""
    with stage() as opened:
        one, several = opened.goods(PRODUCTS), [opened.goods(PRODUCTS) for _ in range(TENANTS)]
        ceiling = commits_per_s(opened.server.url)
        return [*_alone(opened, one, ceiling), *_together(opened, several)]


def _alone(opened: Stage, goods: Goods, ceiling: float) -> list[BenchResult]:
    till = goods.till()
    _send(opened.client, till.device, till.sales(100))
    rates, server_ms, memory = [], [], []
    for _ in range(RUNS):
        bodies = _bodies(till, SALES)
        cpu, started = opened.cpu_s(), time.perf_counter()
        for body in bodies:
            _post(opened.client, till.device, body)
        rates.append(SALES / (time.perf_counter() - started))
        server_ms.append((opened.cpu_s() - cpu) * 1000 / SALES)
        memory.append(opened.memory_mib())
    return [
        measured(
            "push of 3-line sales, one tenant",
            "sales/s",
            rates,
            better="higher",
            target=400,
            ceiling=ceiling,
        ),
        measured("  server processor time of each", "ms", server_ms, better="lower"),
        measured(
            "  server memory grown by the last 1,500",
            "MiB",
            [memory[-1] - memory[-2]],
            better="lower",
            target=10,
        ),
    ]


def _together(opened: Stage, several: Sequence[Goods]) -> list[BenchResult]:
    tills = [goods.till() for goods in several]
    rates, server_ms, memory = [], [], []
    with ThreadPoolExecutor(TENANTS) as threads:
        lines = [httpx.Client(base_url=opened.address, timeout=120) for _ in tills]
        for run in range(RUNS + 1):
            bodies = [_bodies(till, SALES_PER_TENANT) for till in tills]
            cpu, started = opened.cpu_s(), time.perf_counter()
            list(threads.map(_post_all, lines, [till.device for till in tills], bodies))
            if run:
                rates.append(TENANTS * SALES_PER_TENANT / (time.perf_counter() - started))
                server_ms.append((opened.cpu_s() - cpu) * 1000 / (TENANTS * SALES_PER_TENANT))
            memory.append(opened.memory_mib())
        for line in lines:
            line.close()
    return [
        measured(
            f"push of 3-line sales, {TENANTS} tenants",
            "sales/s",
            rates,
            better="higher",
            target=700,
        ),
        measured("  server processor time of each", "ms", server_ms, better="lower"),
        measured(
            "  server memory grown by the last 2,400",
            "MiB",
            [memory[-1] - memory[-2]],
            better="lower",
            target=10,
        ),
    ]


def _bodies(till: Till, count: int) -> list[bytes]:
    made = till.sales(count)
    return [_body(till.device, made[first : first + BATCH]) for first in range(0, len(made), BATCH)]


def _body(device: Device, envelopes: Sequence[Envelope]) -> bytes:
    request = PushRequest(
        protocol=PROTOCOL_VERSION, incarnation=device.incarnation, commands=tuple(envelopes)
    )
    return msgspec.json.encode(request)


def _send(client: httpx.Client, device: Device, envelopes: Sequence[Envelope]) -> None:
    _post(client, device, _body(device, envelopes))


def _post_all(client: httpx.Client, device: Device, bodies: Sequence[bytes]) -> None:
    for body in bodies:
        _post(client, device, body)


def _post(client: httpx.Client, device: Device, body: bytes) -> None:
    reply = read(client.post(PUSH_PATH, content=body, headers=device.headers), PushReply)
    assert reply.state is PushState.ACCEPTED
    assert {each.outcome.state for each in reply.outcomes} <= _APPLIED


if __name__ == "__main__":
    tell(figures())
