"""Pictures travel behind everything else, over lines that break anywhere, and none is lost."""

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop.sync import courier
from desktop.sync.courier import BlobState, unsent_blobs
from desktop.work import BEHIND
from desktop.workbench import Workbench
from shared.catalog.commands import CreateProduct, SetProductImage, VariantSpec
from shared.catalog.tables import MediaRow
from shared.kernel.blobs import BlobRef
from shared.kernel.errors import Rejected
from shared.kernel.ids import MediaId, ProductId, VariantId, new_id
from shared.storage.reader import Reader
from sync_server.tenancy import start_new_epoch
from tests.desktop.sync.machine import Machine
from tests.desktop.sync.test_real_server import cable
from tests.support.cable import Cable
from tests.support.loopback import QUICK
from tests.support.pictures import picture, ref_of
from tests.support.shop import OPENING
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site

__all__ = [
    "app",
    "cable",
    "client",
    "listening",
    "migrated_url",
    "served",
    "server_database",
    "site",
]
PATIENCE_S = 30.0


def office(site: Site, folder: Path, cable: Cable) -> Machine:
    """A back office in step with the server."""
    made = Machine(site, folder, cable)
    made.pair(site.code())
    made.start()
    made.settle()
    return made


@pytest.fixture
def here(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    made = office(site, tmp_path / "here", cable)
    yield made
    made.stop()
    made.work.close()


@pytest.fixture
def there(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    made = office(site, tmp_path / "there", cable)
    yield made
    made.stop()
    made.work.close()


def until(holds: Callable[[], bool]) -> None:
    """Look again and again, for as long as tests are patient."""
    waited = threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if holds():
            return
        waited.wait(0.02)
    raise AssertionError("it did not come about")


def set_picture(at: Machine, content: bytes) -> BlobRef:
    """Give a new product a picture, as the back office does."""
    blob, product_id = ref_of(content), ProductId(new_id())
    at.work.blobs.keep(content, blob)
    variant = VariantSpec(variant_id=VariantId(new_id()), price_amount=100)
    at.do(CreateProduct(product_id=product_id, title="Mug", variants=(variant,)))
    at.do(
        SetProductImage(
            product_id=product_id,
            media_id=MediaId(new_id()),
            thumbnail_hex=content[:200].hex(),
            blob=blob.sha256,
            blob_bytes=blob.size_bytes,
            blob_type=blob.media_type,
        )
    )
    return blob


def unsent(at: Machine) -> int:
    """How many blobs wait here."""
    return at.work.ask(lambda bench: bench.journal.waiting().blobs).result()


def sent(at: Machine) -> None:
    """Wait until none does."""
    until(lambda: unsent(at) == 0)
    at.watcher.until(lambda status: status.unsent_blobs == 0 and status.pending == 0)


def fetched(at: Machine, blob: BlobRef) -> bytes | None:
    """A blob, once it has come."""
    at.engine.want_blob(blob)
    until(lambda: at.work.blobs.has(blob.sha256))
    return at.work.blobs.read(blob)


def references(reader: Reader) -> set[str]:
    """The blobs that this device's rows name."""
    return {row.blob for row in reader.find(MediaRow)}


def test_a_picture_that_is_added_offline_arrives_at_the_other_office(
    here: Machine, there: Machine, cable: Cable
) -> None:
    content = picture(3_000_000)
    cable.cut()
    blob = set_picture(here, content)
    status = here.watcher.until(lambda status: status.unsent_blobs == 1 and not status.is_online)
    assert status.pending == 2
    cable.mend()
    here.settle()
    there.settle()
    assert there.work.fetch(references).result() == {blob.sha256}
    sent(here)

    assert fetched(there, blob) == content


def test_nothing_is_fetched_that_nobody_looks_at(here: Machine, there: Machine) -> None:
    blob = set_picture(here, picture())
    sent(here)
    there.settle()

    assert there.blobs_told == []
    assert not there.work.blobs.has(blob.sha256)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_is_cut_at_any_byte_holds_a_picture_up_and_loses_nothing(
    here: Machine, there: Machine, cable: Cable, *, seed: int
) -> None:
    chance, content = random.Random(seed), picture(5_000_000, seed=seed)
    cable.cut_after(chance.randrange(2_000_000))
    blob = set_picture(here, content)
    for _ in range(6):
        until(lambda: cable.is_cut or unsent(here) == 0)
        cable.mend()
        cable.cut_after(chance.randrange(2_000_000))
    cable.mend()
    sent(here)
    there.settle()
    cable.cut_after(chance.randrange(2_000_000))
    there.engine.want_blob(blob)
    for _ in range(6):
        until(lambda: cable.is_cut or there.work.blobs.has(blob.sha256))
        cable.mend()
        cable.cut_after(chance.randrange(2_000_000))
    cable.mend()

    assert fetched(there, blob) == content
    assert cable.relayed_bytes < 2 * len(content) + 13 * (2 << 20)


def test_what_waits_survives_a_kill_and_goes_on_with_the_next_start(
    here: Machine, cable: Cable, tmp_path: Path
) -> None:
    content = picture(4_000_000)
    cable.cut_after(1_500_000)
    blob = set_picture(here, content)
    until(lambda: cable.is_cut)
    here.stop()
    # The lock goes with the process; the files stay as they are at that moment.
    copy = copied(here, tmp_path / "after the kill")
    cable.mend()
    copy.start()
    sent(copy)
    assert copy.work.blobs.read(blob) == content
    copy.stop()
    copy.work.close()


def copied(at: Machine, folder: Path) -> Machine:
    """The same device on a copy of its files, as a power cut would leave them."""
    shutil.copytree(at.folder, folder)
    (folder / "profile" / "profile.lock").unlink()
    return Machine(at.site, folder, at.cable)


def test_a_command_never_waits_for_its_picture(here: Machine, there: Machine, cable: Cable) -> None:
    blob = ref_of(picture())
    set_picture(here, picture(seed=3))
    sent(here)
    product = SetProductImage(
        product_id=here.work.fetch(lambda reader: reader.find(MediaRow)).result()[0].product_id,
        media_id=MediaId(new_id()),
        thumbnail_hex=picture(200).hex(),
        blob=blob.sha256,
        blob_bytes=blob.size_bytes,
        blob_type=blob.media_type,
    )
    here.do(product)
    here.settle()
    there.settle()
    assert blob.sha256 in there.work.fetch(references).result()

    there.engine.want_blob(blob)
    until(lambda: there.engine.blob_state(blob.sha256) is BlobState.MISSING)
    here.work.blobs.keep(picture(), blob)
    here.engine.journal_grew()
    until(lambda: there.work.blobs.has(blob.sha256))
    assert there.blobs_told[-1] == blob.sha256


def test_a_picture_that_is_gone_holds_up_no_other(here: Machine, there: Machine) -> None:
    here.stop()
    lost = set_picture(here, picture(seed=1))
    for file in (here.folder / "profile" / "blobs").iterdir():
        file.unlink()
    other = set_picture(here, picture(seed=2))
    here.start()
    here.watcher.until(lambda status: status.unsent_blobs == 1 and status.pending == 0)

    assert here.work.ask(unsent_blobs).result() == (lost,)
    assert fetched(there, other) == picture(seed=2)


def test_who_stops_looking_is_not_brought_the_rest(here: Machine, there: Machine) -> None:
    blob = ref_of(picture())
    there.engine.want_blob(blob)
    until(lambda: there.engine.blob_state(blob.sha256) is BlobState.MISSING)
    there.engine.let_blob_be(blob.sha256)
    set_picture(here, picture())
    sent(here)
    there.settle()

    until(lambda: there.engine.blob_state(blob.sha256) is None)
    assert not there.work.blobs.has(blob.sha256)


def test_a_server_that_forgot_a_command_is_sent_its_picture_again(here: Machine) -> None:
    blob = set_picture(here, picture())
    sent(here)
    here.stop()
    here.work.ask(lambda bench: bench.forget_outcomes(after=0)).result()

    assert here.work.ask(unsent_blobs).result() == (blob,)
    here.start()
    sent(here)


def test_a_device_paired_anew_with_a_server_that_was_put_back_sends_its_pictures_again(
    here: Machine, site: Site
) -> None:
    blob = set_picture(here, picture())
    sent(here)
    here.stop()
    start_new_epoch(site.server.owner, site.tenant, now=site.server.clock.now())
    here.pair(site.code())

    assert here.work.ask(unsent_blobs).result() == (blob,)
    here.start()
    sent(here)


def test_one_shops_files_never_go_to_another(here: Machine, site: Site) -> None:
    other = Site(site.server, site.client)
    blob = set_picture(here, picture())
    sent(here)
    here.stop()
    here.work.ask(lambda bench: _queue(bench, blob)).result()
    with pytest.raises(Rejected, match="unsent_of_another_shop"):
        here.pair(other.code())
    assert here.work.blobs.read(blob) == picture()
    here.start()
    sent(here)
    here.stop()
    here.pair(other.code())

    assert here.identity.tenant_id == other.tenant_id
    assert not here.work.blobs.has(blob.sha256)
    assert list((here.folder / "profile" / "blobs").iterdir()) == []


def _queue(bench: Workbench, blob: BlobRef) -> None:
    with bench.journal.writing():
        bench.journal.uploads.add(blob, OPENING)


def test_a_blob_that_nobody_wants_any_more_keeps_nothing_busy(here: Machine) -> None:
    blob = ref_of(picture())
    here.engine.want_blob(blob)
    until(lambda: here.engine.blob_state(blob.sha256) is BlobState.MISSING)
    here.engine.let_blob_be(blob.sha256)
    until(lambda: here.engine.blob_state(blob.sha256) is None)
    looks: list[object] = []

    def note(*seen: object) -> None:
        looks.extend(each for each in seen if isinstance(each, str) and "blob_upload" in each)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        waited = threading.Event()
        waited.wait(3 * QUICK.longest_wait)
        for _ in range(200):
            here.work.ask(lambda bench: bench.head, urgency=BEHIND).result()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

    assert len(looks) < 10


def test_what_this_office_sent_long_ago_makes_room_too(
    here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "MOST_KEPT_BYTES", 250_000)
    blobs = []
    for seed in range(3):
        blobs.append(set_picture(here, picture(100_000, seed=seed)))
        sent(here)

    until(lambda: not here.work.blobs.has(blobs[0].sha256))
    assert here.work.blobs.has(blobs[2].sha256)


def test_a_command_goes_before_a_picture(here: Machine, cable: Cable) -> None:
    cable.cut()
    set_picture(here, picture(3_000_000))
    here.watcher.until(lambda status: (status.pending, status.unsent_blobs) == (2, 1))
    before = len(here.watcher.seen)
    cable.mend()
    sent(here)

    course = [(status.pending, status.unsent_blobs) for status in here.watcher.seen[before:]]
    assert course[0] == (2, 1)
    assert (0, 1) in course
    assert all(blobs == 1 for pending, blobs in course if pending)
