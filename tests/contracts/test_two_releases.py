"""A device of this release works on a server of the next one, and later becomes one of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.files import Keys
from desktop.journal import Identity
from shared.catalog.commands import ChangePrice
from shared.kernel.clock import FixedClock
from shared.kernel.ids import VariantId
from shared.sync.apply import held_digests
from shared.sync.confirmed import recounted
from tests.contracts.release_tree import LaterServer
from tests.support.world import OPENING
from tests.support.world_device import DeviceInWorld

KEYS = Keys(b"j" * 32, b"r" * 32)
SHELF = "A7"


class Told(msgspec.Struct):
    """A till's identity at the later release, and whose shop it is."""

    identity: Identity
    owner_id: str
    variants: list[VariantId]
    customer_id: str


class Adopted(msgspec.Struct):
    """What the later release found in a device's files, and what it came to."""

    shelf: str
    price_amount: int
    marks: str
    aside: list[str]
    is_filled: bool
    set_aside: list[str]
    cards: list[int]
    runs: list[int]


@pytest.fixture
def later(tmp_path: Path) -> Iterator[LaterServer]:
    with LaterServer(tmp_path / "tree", tmp_path / "shop") as made:
        yield made


def _aside(till: DeviceInWorld) -> list[Any]:
    with till.files.replica.begin():
        assert recounted(till.files.replica) == held_digests(till.files.replica)
        found = till.files.replica.exec_driver_sql("SELECT tbl FROM aside_image ORDER BY tbl")
        return list(found.scalars())


def test_a_device_works_at_a_later_release_and_is_upgraded_whole(
    later: LaterServer, tmp_path: Path
) -> None:
    told = later.ask("till", Told)
    mug = told.variants[0]
    till = DeviceInWorld(later.as_server(), tmp_path / "till", clock=FixedClock(OPENING), keys=KEYS)
    till.enrol(told.identity)
    assert till.pull(limit=4).mismatches == ()
    assert _aside(till) == []

    # What the later release adds is put aside, and both sides agree all the same.
    later.ask("use", str, shelf=SHELF)
    assert till.pull().mismatches == ()
    assert _aside(till) == ["customer", "variant"]
    assert till.bench.standing().skipped_rows == 1

    # Its own commands change such rows too: below them nothing is lost, here or there.
    till.submit(ChangePrice(variant_id=mug, price_amount=1700), told.owner_id)
    assert _aside(till) == ["customer", "variant"]
    assert till.sync().mismatches == ()
    assert later.ask("shelf", str) == SHELF
    assert _aside(till) == ["customer", "variant"]

    # It is upgraded while something is unsent.
    till.submit(ChangePrice(variant_id=mug, price_amount=1800), told.owner_id)
    till.stop()
    found = later.ask(
        "adopt",
        Adopted,
        folder=str(till.profile.folder),
        journal_key=KEYS.journal.hex(),
        replica_key=KEYS.replica.hex(),
    )
    assert (found.shelf, found.marks, found.aside) == (SHELF, '["loyal"]', [])
    assert (found.is_filled, found.set_aside) == (True, [])
    assert found.price_amount == 1800
    assert found.cards == [5000]
    assert found.runs == [1]
    assert later.ask("shelf", str) == SHELF
