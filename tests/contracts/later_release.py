"""The release after this one, in a process of its own: a server, and a device that is upgraded.

Run in a tree that `tests.contracts.release_tree` has made; asks and answers are lines of JSON.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from desktop.files import Keys
from desktop.settings import Profile
from desktop.sync.engine import Engine
from desktop.work import open_work
from shared.customers.commands import SaveCustomer
from shared.kernel.ids import CustomerId, new_id
from shared.organization.commands import Workspace
from shared.storage.base import table_named
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.cursor import Cursor
from shared.sync.protocol.push import PushRequest
from shared.sync.state import SyncState
from tests.support.loopback import QUICK, LoopbackEndpoint, Network, Watcher
from tests.support.world import World
from tests.support.world_device import DeviceInWorld, Heard


class Ask(msgspec.Struct):
    """What to do, and with what."""

    what: str
    given: dict[str, Any] = {}


class Later:
    """A shop on a server of the later release."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.customer_id = CustomerId(new_id())
        self.world.server.do(SaveCustomer(customer_id=self.customer_id, name="Ada"))

    def till(self) -> dict[str, Any]:
        """A till's identity, and whose shop it is."""
        identity = self.world.identity(Workspace.KIOSK, self.world.register())
        return {
            "identity": identity,
            "owner_id": self.world.owner_id,
            "variants": self.world.variants,
            "customer_id": self.customer_id,
        }

    def head(self) -> str:
        """The last commit."""
        return str(self.world.server.head)

    def pull(self, device_id: str, cursor: str, limit: int) -> object:
        """A page."""
        return self.world.server.pull(device_id, Cursor.parse(cursor), limit=limit)

    def push(self, device_id: str, request: str) -> object:
        """A push."""
        return self.world.server.push(device_id, msgspec.json.decode(request, type=PushRequest))

    def use(self, shelf: str) -> str:
        """Let some rows make use of what is new: columns of three tables, and a fourth table."""
        self.world.server.write(lambda work: self._use(work, shelf))
        return self.head()

    def _use(self, work: UnitOfWork, shelf: str) -> None:
        variant = work.require(table_named("variant").row_type, self.world.variants[0])
        work.put(replace(variant, shelf=shelf))
        customer = work.require(table_named("customer").row_type, self.customer_id)
        work.put(replace(customer, marks=("loyal",)))
        card = table_named("gift_card").row_type
        work.insert(card(card_id=new_id(), balance_amount=5000))

    def shelf(self) -> str:
        """Where the first variant lies, as the server has it."""
        reader = Reader(self.world.server.connection)
        found: Any = reader.require(table_named("variant").row_type, self.world.variants[0])
        self.world.server.connection.rollback()
        return str(found.shelf)

    def adopt(self, folder: str, journal_key: str, replica_key: str) -> dict[str, Any]:
        """Start this release on a device's files, then exchange until both sides agree."""
        keys = Keys(bytes.fromhex(journal_key), bytes.fromhex(replica_key))
        server, clock = self.world.server, self.world.clock
        device = DeviceInWorld(server, Path(folder), clock=clock, keys=keys)
        replica = device.files.replica
        with replica.begin():
            (variant,) = replica.exec_driver_sql(
                "SELECT shelf, price_amount FROM variant WHERE variant_id = ?",
                (self.world.variants[0],),
            )
            (marks,) = replica.exec_driver_sql(
                "SELECT marks FROM customer WHERE customer_id = ?", (self.customer_id,)
            ).scalars()
            aside = replica.exec_driver_sql("SELECT tbl FROM aside_image").scalars().all()
        seen = {
            "shelf": variant[0],
            "price_amount": variant[1],
            "marks": marks,
            "aside": list(aside),
            "is_filled": device.bench.standing().is_filled,
            "set_aside": [path.name for path in device.profile.set_aside.glob("*")],
        }
        device.check_rows()
        device_id = device.device_id
        device.stop()
        self._exchange(Path(folder), keys, device_id)
        device.start()
        device.check_rows()
        device.check_same_as_server()
        with device.files.replica.begin():
            cards = device.files.replica.exec_driver_sql("SELECT balance_amount FROM gift_card")
            seen["cards"] = list(cards.scalars())
        device.stop()
        return seen | {"runs": sorted(set(server.runs.values()))}

    def _exchange(self, folder: Path, keys: Keys, device_id: str) -> None:
        """With the engine, which repairs what the release before could not hold."""
        network, watcher, heard = Network(self.world.server), Watcher(), Heard()
        work = open_work(Profile(folder), keys, clock=self.world.clock, listener=heard)
        engine = Engine(
            work,
            lambda: LoopbackEndpoint(network, device_id),
            on_status=watcher.take,
            tempo=QUICK,
        )
        engine.start()
        try:
            watcher.until(
                lambda status: (
                    status.state is SyncState.IDLE
                    and not (status.pending or status.mismatches)
                    and status.cursor == network.true_head
                )
            )
        finally:
            engine.stop()
            work.close()


def main() -> None:
    """Answer until nobody asks any more."""
    later = Later(Path(sys.argv[1]))
    for line in sys.stdin:
        ask = msgspec.json.decode(line, type=Ask)
        answer = getattr(later, ask.what)(**ask.given)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()
    later.world.close()


if __name__ == "__main__":
    main()
