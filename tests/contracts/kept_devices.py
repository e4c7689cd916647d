"""Files of devices as releases left them: `python -m tests.contracts.kept_devices` makes them.

A folder holds one generation of files: a till's journal, sealed as the device keeps it, journal and
replica page by page in the clear and packed, the server that the till belongs to, the tables that
the release knew, and `about.json`.
What a release left is never changed. Until its release the newest generation is made anew whenever
tables change; `is_released` in its `about.json` says that from then on a new folder is made.
"""

import contextlib
import lzma
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from desktop.files import Keys
from desktop.journal import SCHEMA_VERSION
from migrations.apply import Lineage, head
from migrations.replica import schema_fingerprint
from shared.kernel.ids import ShiftId, UserId, new_id
from shared.kernel.messages import Envelope
from shared.pos.commands import RECEIPT_SERIES, CashMovementKind, MoveCash
from tests.contracts.table_shapes import keep_shapes
from tests.support.kept_server import KeptServer
from tests.support.plain_files import plain_pages
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

FOLDER = Path(__file__).with_name("corpus") / "devices"
KEYS = Keys(b"journal of the corpus 0123456789", b"replica of the corpus 0123456789")
CART = b'{"lines":[{"sku":"MUG","qty":2}]}'
CART_SLOT = "kiosk/cart"
SOLD = 1100
"""More mugs than there are, which makes a case."""
UNREADABLE = "sell_gift_card"


class About(msgspec.Struct, kw_only=True):
    """What a generation's files must come to; counts are of the till's present life."""

    journal_version: int
    replica_revision: str
    fingerprint: str
    is_released: bool
    cashier_id: UserId
    shift_id: ShiftId
    decided: int
    unsent: list[str]
    """Ids of commands that the server has not seen."""
    unreadable: list[str]
    """Those of them that no release understands."""
    last_receipt_no: int
    lives: int


def generations() -> list[Path]:
    """The folders, oldest first."""
    return sorted(FOLDER.glob("[0-9][0-9]"))


def about(folder: Path) -> About:
    """What a generation says of itself."""
    return msgspec.json.decode((folder / "about.json").read_bytes(), type=About)


def make(folder: Path) -> None:
    """Write a generation of this program's files into an empty folder."""
    with tempfile.TemporaryDirectory() as made, contextlib.closing(World(Path(made))) as world:
        till = _used_till(world, Path(made))
        told = _told(world, till)
        till.stop()
        for name, key in (("journal", KEYS.journal), ("replica", KEYS.replica)):
            pages = plain_pages(till.profile.folder / f"{name}.db", key)
            (folder / f"{name}.plain.xz").write_bytes(lzma.compress(pages, preset=9))
        shutil.copyfile(till.profile.journal, folder / "journal.db")
        KeptServer.keep(world.server, folder / "server.json.xz")
    keep_shapes(folder)
    (folder / "about.json").write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")


def _used_till(world: World, folder: Path) -> DeviceInWorld:
    """A till in its second life that has seen everything a journal can hold."""
    till = world.till(folder / "kept", keys=KEYS)
    shift_id = world.open_shift(till)
    for qty in (1, 2, SOLD):
        world.sell(till, shift_id, qty=qty)
    _write_unreadable(world, till)
    till.sync()
    world.sell(till, shift_id)
    _write_unreadable(world, till)
    world.sell(till, shift_id)
    # The second life: what was unsent is carried over into it, and more comes.
    world.server.admit(till.device_id)
    till.enrol(world.identity_again(till))
    world.sell(till, shift_id)
    till.sync()
    world.sell(till, shift_id)
    _write_unreadable(world, till)
    move = MoveCash(
        shift_id=shift_id, kind=CashMovementKind.PAID_OUT, amount=700, reason="window cleaner"
    )
    till.submit(move, world.cashier_id)
    world.sell(till, shift_id, qty=3)
    till.bench.save_draft(CART_SLOT, CART)
    return till


def _write_unreadable(world: World, till: DeviceInWorld) -> None:
    """A command of a release that never was, as a plugin or a later release leaves it."""
    till.stop()
    till.start()
    bench = till.bench
    with bench.journal.writing():
        bench.journal.append(
            Envelope(
                cmd_id=new_id(),
                device_id=till.device_id,
                incarnation=bench.identity.incarnation,
                seq=bench.head.seq + 1,
                name=UNREADABLE,
                version=1,
                args=msgspec.Raw(b'{"card":"A-1"}'),
                actor_id=world.cashier_id,
                business_at=world.clock.now(),
                base_cursor=str(bench.standing().cursor),
                numbers={},
                prev_hash=bench.head.hash,
            )
        )
    till.stop()
    till.start()


def _told(world: World, till: DeviceInWorld) -> About:
    entries = till.bench.journal.entries(after=0)
    unsent = [entry.envelope for entry in entries if entry.outcome is None]
    numbers = till.bench.journal.next_numbers([RECEIPT_SERIES])
    return About(
        journal_version=SCHEMA_VERSION,
        replica_revision=head(Lineage.DESKTOP),
        fingerprint=schema_fingerprint(),
        is_released=False,
        cashier_id=world.cashier_id,
        shift_id=world.shift_of(till),
        decided=len(entries) - len(unsent),
        unsent=[envelope.cmd_id for envelope in unsent],
        unreadable=[each.cmd_id for each in unsent if each.name == UNREADABLE],
        last_receipt_no=numbers[RECEIPT_SERIES] - 1,
        lives=till.bench.identity.incarnation,
    )


def main() -> None:
    """Make the newest generation anew, or the next one after a release."""
    known = generations()
    if known and not about(known[-1]).is_released:
        target = known[-1]
    else:
        target = FOLDER / f"{len(known) + 1:02}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    make(target)
    size = sum(path.stat().st_size for path in target.iterdir())
    sys.stdout.write(f"{target}: {size} bytes\n")


if __name__ == "__main__":
    main()
