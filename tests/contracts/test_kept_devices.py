"""The files of every release's devices are opened by this one, and all that is unsent arrives."""

import lzma
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.journal import SCHEMA_VERSION
from desktop.lives import broken_at
from desktop.sealing import PageSealer
from migrations.replica import schema_fingerprint
from shared.catalog.tables import VARIANT, VariantRow
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.clock import FixedClock
from shared.kernel.ids import CustomerId, VariantId, new_id
from shared.kernel.messages import Command, Envelope, OutcomeState, Upcast, canonical_json
from shared.pos.commands import RECEIPT_SERIES, CompleteSale
from shared.storage.reader import Reader
from tests.contracts.kept_devices import (
    CART,
    CART_SLOT,
    KEYS,
    About,
    about,
    generations,
)
from tests.support.kept_server import KeptServer
from tests.support.world import OPENING, World, mug_sale
from tests.support.world_device import DeviceInWorld

HOW_KEPT = ("sealed", "plain", "without_replica")
AGAIN = "files of devices changed: run python -m tests.contracts.kept_devices, and keep its folder"


@dataclass
class Kept:
    """A till of some release with its server, both gone on with by this one."""

    told: About
    server: KeptServer
    till: DeviceInWorld

    def statuses(self) -> dict[str, OutcomeState]:
        """What became of each command of the till's present life."""
        entries = self.till.bench.journal.entries(after=0)
        return {e.envelope.cmd_id: e.outcome.state for e in entries if e.outcome is not None}


def _laid_out(folder: Path, target: Path, how: str) -> None:
    """Lay the files of a generation out as a profile."""
    target.mkdir()
    if how == "sealed":
        shutil.copyfile(folder / "journal.db", target / "journal.db")
    else:
        _seal(folder / "journal.plain.xz", target / "journal.db", KEYS.journal)
    if how != "without_replica":
        _seal(folder / "replica.plain.xz", target / "replica.db", KEYS.replica)


def _seal(plain: Path, target: Path, key: bytes) -> None:
    target.write_bytes(PageSealer(key).seal(lzma.decompress(plain.read_bytes())))


@pytest.fixture(
    params=[(each, how) for each in generations() for how in HOW_KEPT],
    ids=lambda given: f"{given[0].name}-{given[1]}",
)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    folder, how = request.param
    _laid_out(folder, tmp_path / "profile", how)
    clock = FixedClock(OPENING + timedelta(days=180))
    server = KeptServer(clock, folder / "server.json.xz")
    till = DeviceInWorld(server, tmp_path / "profile", clock=clock, keys=KEYS)
    yield Kept(about(folder), server, till)
    till.stop()
    server.close()


def test_a_till_of_any_release_starts_with_all_that_it_had(kept: Kept) -> None:
    told, journal = kept.told, kept.till.bench.journal
    entries = journal.entries(after=0)
    draft = kept.till.bench.load_draft(CART_SLOT)

    assert broken_at(journal) is None
    assert kept.till.bench.identity.incarnation == told.lives
    assert [e.envelope.cmd_id for e in entries if e.outcome is None] == told.unsent
    assert len(entries) == told.decided + len(told.unsent)
    assert draft is not None
    assert draft.content == CART
    assert journal.next_numbers([RECEIPT_SERIES]) == {RECEIPT_SERIES: told.last_receipt_no + 1}
    if kept.till.bench.standing().is_filled:
        kept.till.check_rows()


def test_all_that_a_till_of_any_release_had_not_sent_arrives_once(kept: Kept) -> None:
    kept.till.pull()
    kept.till.sync()

    assert kept.server.runs == dict.fromkeys(kept.told.unsent, 1)
    became = kept.statuses()
    for cmd_id in kept.told.unsent:
        is_strange = cmd_id in kept.told.unreadable
        assert (became[cmd_id] is OutcomeState.QUARANTINED) == is_strange
    kept.till.check_rows()
    kept.till.check_same_as_server()


def test_a_till_of_any_release_goes_on_selling_behind_its_last_receipt(kept: Kept) -> None:
    kept.till.pull()
    told = kept.told
    variant_id = _mug(kept.till)

    receipt = kept.till.submit(mug_sale(variant_id, told.shift_id), told.cashier_id)
    kept.till.sync()

    assert receipt.numbers == {RECEIPT_SERIES: told.last_receipt_no + 1}
    assert kept.statuses()[receipt.cmd_id] is OutcomeState.APPLIED_WITH_EXCEPTION
    kept.till.check_same_as_server()


def _mug(till: DeviceInWorld) -> VariantId:
    with till.files.replica.begin():
        (mug,) = Reader(till.files.replica).find(VariantRow, VARIANT.c.sku == "MUG")
    return mug.variant_id


def test_the_newest_generation_is_of_this_programs_files() -> None:
    newest = about(generations()[-1])

    assert newest.journal_version == SCHEMA_VERSION, AGAIN
    assert newest.fingerprint == schema_fingerprint(), AGAIN


def test_every_generation_but_the_newest_was_released_and_all_are_small(
    tmp_path: Path,
) -> None:
    folders = generations()

    assert all(about(folder).is_released for folder in folders[:-1])
    for folder in folders:
        assert sum(path.stat().st_size for path in folder.iterdir()) < 200_000
        plain = tmp_path / f"{folder.name}.db"
        plain.write_bytes(lzma.decompress((folder / "journal.plain.xz").read_bytes()))
        journal = sqlite3.connect(plain)
        commands = journal.execute("SELECT count(*) FROM command").fetchone()[0]
        journal.close()
        assert commands >= about(folder).decided + len(about(folder).unsent)


# -- a till that was in a drawer ---------------------------------------------------------------


def _with_name(args: dict[str, Any]) -> dict[str, Any]:
    """Version 2: the name is one text."""
    given, family = args.pop("given_name"), args.pop("family_name")
    return args | {"name": f"{given} {family}"}


def _with_note(args: dict[str, Any]) -> dict[str, Any]:
    """Version 3: there is a note."""
    return args | {"note": ""}


def _with_total(args: dict[str, Any]) -> dict[str, Any]:
    """Version 2: the till says what it asked for."""
    return args | {"total_amount": sum(tender["amount"] for tender in args["tenders"])}


@dataclass
class OldTill:
    """Writes commands as a release of half a year ago did."""

    world: World
    till: DeviceInWorld

    def write(self, kind: type[Command], version: int, args: Mapping[str, Any]) -> str:
        """Append a command of an earlier version to the journal."""
        bench = self.till.bench
        series = bench.journal.next_numbers(kind.SERIES)
        head = bench.journal.head()
        envelope = Envelope(
            cmd_id=new_id(),
            device_id=self.till.device_id,
            incarnation=1,
            seq=head.seq + 1,
            name=kind.NAME,
            version=version,
            args=msgspec.Raw(canonical_json(args)),
            actor_id=self.world.owner_id,
            business_at=self.world.clock.now(),
            base_cursor=str(bench.standing().cursor),
            numbers=series,
            prev_hash=head.hash,
        )
        with bench.journal.writing():
            bench.journal.append(envelope)
        return envelope.cmd_id


@pytest.fixture
def old_till(tmp_path: Path) -> Iterator[OldTill]:
    world = World(tmp_path)
    till = world.till()
    world.open_shift(till)
    till.sync()
    yield OldTill(world, till)
    world.close()


@pytest.fixture
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands have changed since: their present form is version 3 and 2."""
    later: tuple[tuple[type[Command], dict[int, Upcast]], ...] = (
        (SaveCustomer, {2: _with_name, 3: _with_note}),
        (CompleteSale, {2: _with_total}),
    )
    for kind, upcasts in later:
        monkeypatch.setattr(kind, "VERSION", max(upcasts))
        monkeypatch.setattr(kind, "UPCASTS", upcasts)


@pytest.mark.usefixtures("_later")
def test_a_till_from_a_drawer_pushes_commands_of_half_a_year_ago(old_till: OldTill) -> None:
    world, till = old_till.world, old_till.till
    ada, ben = CustomerId(new_id()), CustomerId(new_id())
    sale = msgspec.to_builtins(world.sale(world.shift_of(till)))
    del sale["total_amount"]
    first = {"customer_id": ada, "given_name": "Ada", "family_name": "Byron"}
    written = [
        old_till.write(SaveCustomer, 1, first),
        old_till.write(CompleteSale, 1, sale),
        old_till.write(SaveCustomer, 2, {"customer_id": ben, "name": "Ben Noir"}),
    ]
    world.clock.advance(timedelta(days=182))
    till.stop()
    till.start()
    till.check()
    assert _names(till) == {"Ada Byron", "Ben Noir"}

    world.sell(till, world.shift_of(till))
    till.sync()

    assert [world.server.runs[cmd_id] for cmd_id in written] == [1, 1, 1]
    entries = till.bench.journal.entries(after=0)
    assert {e.outcome.state for e in entries if e.outcome} == {OutcomeState.APPLIED}
    assert _names(till) == {"Ada Byron", "Ben Noir"}
    till.check()
    till.check_same_as_server()


def _names(till: DeviceInWorld) -> set[str]:
    with till.files.replica.begin():
        return {row.name for row in Reader(till.files.replica).find(CustomerRow)}
