"""A file is unpacked whole or not at all, and nobody who swells it gets far."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from desktop.sync.arrivals import Arrivals
from desktop.sync.unpacking import BootstrapPlace, part_cipher, unpack
from shared.kernel.errors import Unavailable
from shared.kernel.ids import TenantId
from shared.sync.protocol.bootstrap import PAGE_BYTES, BootstrapFile

KEY = bytes(range(32))
PLAIN = bytes(range(256)) * (40 * PAGE_BYTES // 256)


def a_file(packed: bytes) -> BootstrapFile:
    """What a server says of those bytes."""
    return BootstrapFile(
        tenant_id=TenantId(""),
        scopes=("tenant",),
        schema="",
        cursor="1.1",
        row_count=1,
        size_bytes=len(packed),
        plain_bytes=len(PLAIN),
        sha256=hashlib.sha256(packed).hexdigest(),
        made_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def placed(folder: Path, file: BootstrapFile, packed: bytes) -> BootstrapPlace:
    """A device on which those bytes have come."""
    place = BootstrapPlace(
        part=folder / "b.part",
        sealed=folder / "b.db",
        key=KEY,
        signing_key=b"",
        tenant_id="",
        scopes=(),
    )
    place.part.write_bytes(part_cipher(file, KEY, start=0).update(packed))
    return place


def test_a_whole_file_becomes_pages_and_is_taken_away(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(PLAIN)
    file = a_file(packed)
    place = placed(tmp_path, file, packed)

    unpack(file, place)

    assert place.sealed.stat().st_size == len(PLAIN)
    assert not place.part.exists()


def test_a_part_is_enciphered_the_same_wherever_it_is_gone_on_with() -> None:
    file = a_file(b"some bytes")
    whole = part_cipher(file, KEY, start=0).update(PLAIN)

    for start in (1, 15, 16, 17, 4096, 100_001):
        assert part_cipher(file, KEY, start=start).update(PLAIN[start:]) == whole[start:]
    assert whole != PLAIN


def test_a_stop_while_a_whole_file_is_unpacked_keeps_what_has_come(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(PLAIN)
    file = a_file(packed)
    place = placed(tmp_path, file, packed)
    arrivals = Arrivals(len(packed))
    arrivals.give_up()

    with pytest.raises(Unavailable, match="bootstrap_cut_off"):
        unpack(file, place, arrivals)

    assert place.part.stat().st_size == len(packed)
    assert not place.sealed.exists()


def test_bytes_that_swell_beyond_all_bounds_are_refused(tmp_path: Path) -> None:
    swollen = zstandard.ZstdCompressor().compress(bytes(500_000_000))
    file = a_file(swollen)
    place = placed(tmp_path, file, swollen)

    with pytest.raises(Unavailable, match="bootstrap_damaged"):
        unpack(file, place)

    assert not place.part.exists()
    assert not place.sealed.exists()
