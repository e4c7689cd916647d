"""A till in a process of its own that sells until it is killed; prints each receipt's number.

Run as `python -m tests.faults.selling_child`; one line of JSON on standard input says what to open.
"""

import sys
from pathlib import Path

import msgspec

from desktop.files import Keys
from desktop.settings import Profile
from desktop.work import open_work
from shared.kernel.clock import SystemClock
from shared.kernel.ids import ShiftId, UserId, VariantId
from shared.pos.commands import RECEIPT_SERIES
from tests.support.world import mug_sale
from tests.support.world_device import Heard


class Orders(msgspec.Struct):
    """What to open and what to sell."""

    folder: str
    journal_key: bytes
    replica_key: bytes
    shift_id: ShiftId
    cashier_id: UserId
    variant_id: VariantId


def main() -> None:
    """Sell mugs for ever."""
    orders = msgspec.json.decode(sys.stdin.readline(), type=Orders)
    work = open_work(
        Profile(Path(orders.folder)),
        Keys(orders.journal_key, orders.replica_key),
        clock=SystemClock(),
        listener=Heard(),
    )
    while True:
        sale = mug_sale(orders.variant_id, orders.shift_id)
        receipt = work.submit(sale, actor_id=orders.cashier_id).result()
        sys.stdout.write(f"{receipt.numbers[RECEIPT_SERIES]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
