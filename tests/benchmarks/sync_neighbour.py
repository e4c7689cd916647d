"""Another tenant of a server that is busy for somebody else: asks for its changes, again and again.

A process of its own, so that what keeps the rest of a measurement busy does not count as waiting.
"""

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import msgspec

from shared.customers.commands import SaveCustomer
from shared.kernel.ids import CustomerId, new_id
from shared.sync.endpoint import PULL_PATH, PUSH_PATH
from shared.sync.protocol.push import PushReply, PushRequest, PushState
from shared.sync.protocol.version import PROTOCOL_VERSION
from tests.benchmarks.sync_stage import Goods
from tests.sync_server.devices import Device

_MOST_WRITES = 3_000
_EVERY_S = 0.03


@dataclass
class Neighbour:
    """A device of another tenant, with the writes that it has not sent yet."""

    goods: Goods
    device: Device = field(init=False)
    writes: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.device = self.goods.site.device()
        commands = (
            SaveCustomer(customer_id=CustomerId(new_id()), name=f"Ada {number}")
            for number in range(_MOST_WRITES)
        )
        self.writes = [
            msgspec.json.encode(
                PushRequest(
                    protocol=PROTOCOL_VERSION,
                    incarnation=self.device.incarnation,
                    commands=tuple(self.device.add(command)),
                )
            )
            for command in commands
        ]

    @contextmanager
    def at_work(self, address: str) -> Iterator[list[float]]:
        """Writes and asks for as long as the block lasts; then the list has the milliseconds."""
        token = self.device.headers["Authorization"]
        found: list[float] = []
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.sync_neighbour", address, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"\n".join(self.writes) + b"\n\n")
            process.stdin.flush()
            process.stdout.readline()
            yield found
            told, _ = process.communicate(b"enough\n", timeout=60)
        finally:
            process.kill()
            process.wait()
        found += msgspec.json.decode(told, type=list[float])
        self.writes = self.writes[len(found) // 2 :]


def _work(address: str, token: str, writes: list[bytes]) -> list[float]:
    """Milliseconds of each request: a write, then the changes behind it, and so on."""
    found: list[float] = []
    cursor = "0.0"
    headers = {"Authorization": token}
    with httpx.Client(base_url=address, timeout=120, headers=headers) as client:
        for body in writes:
            pushed, pulled = time.perf_counter(), 0.0
            reply = client.post(PUSH_PATH, content=body)
            found.append((time.perf_counter() - pushed) * 1000)
            state = msgspec.json.decode(reply.content, type=PushReply).state
            assert state is PushState.ACCEPTED
            pulled = time.perf_counter()
            page = client.get(PULL_PATH, params={"cursor": cursor, "limit": 1000})
            found.append((time.perf_counter() - pulled) * 1000)
            cursor = msgspec.json.decode(page.content)["to_cursor"]
            if select.select([sys.stdin], [], [], _EVERY_S)[0]:
                break
    return found


def _main() -> None:
    writes = list(iter(lambda: sys.stdin.buffer.readline().strip(), b""))
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(msgspec.json.encode(_work(sys.argv[1], sys.argv[2], writes)))


if __name__ == "__main__":
    _main()
