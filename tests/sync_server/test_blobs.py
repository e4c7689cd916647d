"""Blobs on the wire: in pieces, from any byte on, over restarts, and never another tenant's."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.blobs import MAX_BLOB_BYTES
from shared.kernel.errors import Rejected
from shared.organization.commands import RevokeDevice, Workspace
from shared.sync.protocol.blob import MAX_PIECE_BYTES, BlobReceived
from sync_server.auth.tokens import Identity
from sync_server.objects import FolderStore
from sync_server.sync.blobs import UNFINISHED_KEPT, Blobs, Part, blob_name
from tests.support.pictures import picture, ref_of
from tests.sync_server.blob_sender import Sender
from tests.sync_server.devices import Device, Site, read, refusal

SIZE = 200_000
ANYWHERE = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def sender(site: Site) -> Sender:
    return Sender(site.device())


@pytest.fixture
def stranger(site: Site) -> Sender:
    """A device of another tenant on the same server."""
    return Sender(Site(site.server, site.client).device())


@pytest.fixture
def numbers() -> Iterator[int]:
    """A number for each picture, so that no two are the same."""
    return itertools.count(1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def blobs(site: Site, folder: Path) -> Blobs:
    return blobs_on(site, folder)


def blobs_on(site: Site, folder: Path) -> Blobs:
    """What a server has of blobs when it starts on a folder."""
    objects = FolderStore(folder / "objects")
    return Blobs(site.server.database, site.server.clock, objects, folder / "unfinished")


def identity_of(device: Device) -> Identity:
    return Identity(device.tenant_id, device.device_id, device.clock.now())


def content_of(part: Part) -> bytes:
    """What was asked for."""
    with part.file as file:
        file.seek(part.start)
        return file.read(part.end - part.start)


# -- up and down -------------------------------------------------------------------------------


def test_what_is_sent_in_pieces_comes_back_as_it_was(sender: Sender) -> None:
    content = picture(MAX_PIECE_BYTES + 12_345)

    blob = sender.send(content)

    assert sender.here(blob) == len(content)
    assert sender.get(blob).content == content
    head = sender.head(blob)
    assert head.headers["content-length"] == str(len(content))
    assert head.headers["content-type"] == "image/jpeg"


def test_a_till_of_the_same_shop_gets_it_too(site: Site, sender: Sender) -> None:
    blob = sender.send(picture())

    assert Sender(site.device(Workspace.KIOSK)).get(blob).content == picture()


SHARE = st.floats(0, 1)


@ANYWHERE
@given(cuts=st.lists(st.tuples(SHARE, SHARE), min_size=1, max_size=4))
def test_an_upload_cut_at_any_byte_goes_on_from_what_came(
    sender: Sender, numbers: Iterator[int], cuts: list[tuple[float, float]]
) -> None:
    content = picture(SIZE, seed=next(numbers))
    blob, here = ref_of(content), 0
    for length, cut in cuts:
        piece = content[here : here + 1 + int(length * SIZE)]
        sender.put_and_hang_up(blob, piece, start=here, after=int(cut * len(piece)))
        before, here = here, sender.here(blob)
        # A piece whose line was cut may still come in: nothing is ever taken back by that.
        assert before <= here <= SIZE
    while here < SIZE:
        here = read(sender.put(blob, content[here:], start=here), BlobReceived).received_bytes

    assert sender.get(blob).content == content


@ANYWHERE
@given(ends=st.lists(SHARE, max_size=5))
def test_a_download_goes_on_from_any_byte(sender: Sender, ends: list[float]) -> None:
    content = picture(SIZE)
    blob, came = sender.send(content), b""
    for end in sorted({*(int(share * SIZE) for share in ends), SIZE} - {0}):
        answer = sender.get(blob, f"bytes={len(came)}-{end - 1}")
        assert answer.status_code == (200 if len(answer.content) == SIZE else 206)
        came += answer.content

    assert came == content


def test_an_open_range_goes_to_the_end_and_one_behind_it_is_refused(sender: Sender) -> None:
    content = picture()
    blob = sender.send(content)

    rest = sender.get(blob, "bytes=99990-")

    assert rest.content == content[99990:]
    assert rest.headers["content-range"] == "bytes 99990-99999/100000"
    assert refusal(sender.get(blob, "bytes=100000-")) == (416, "range_unknown")
    assert sender.get(blob, "lines=1-2").content == content


def test_pieces_that_come_twice_late_or_too_early_do_no_harm(sender: Sender) -> None:
    content = picture(1000)
    blob = ref_of(content)
    for start, end, here in ((500, 600, 0), (0, 400, 400), (0, 400, 400), (300, 700, 700)):
        answer = read(sender.put(blob, content[start:end], start=start), BlobReceived)
        assert answer.received_bytes == here
    read(sender.put(blob, content[700:], start=700), BlobReceived)

    assert sender.put(blob, content[:400]).json()["is_complete"]
    assert sender.get(blob).content == content


def test_an_unfinished_blob_is_no_blob_yet(sender: Sender) -> None:
    blob = ref_of(picture())
    sender.put(blob, picture()[:50_000])

    assert refusal(sender.get(blob)) == (404, "blob_unknown")
    assert sender.head(blob).status_code == 404


# -- what is refused ---------------------------------------------------------------------------


def test_what_is_not_what_its_name_says_is_thrown_away(sender: Sender) -> None:
    content, other = picture(seed=1), picture(seed=2)
    blob = ref_of(content)

    assert refusal(sender.put(blob, other)) == (422, "blob_wrong")
    assert sender.here(blob) == 0
    assert sender.send(content) == blob
    assert sender.get(blob).content == content


def test_what_does_not_fit_its_size_is_refused(sender: Sender) -> None:
    content = picture(1000)
    blob = ref_of(content)

    assert refusal(sender.put(blob, content, size=999)) == (422, "blob_wrong")
    assert refusal(sender.put(blob, content, start=-1)) == (422, "blob_wrong")
    sender.put(blob, content[:800])
    assert refusal(sender.put(blob, b"", size=700)) == (422, "blob_wrong")


def test_what_is_too_large_is_refused_before_it_comes(sender: Sender) -> None:
    blob = ref_of(picture())

    for size in (0, -5, MAX_BLOB_BYTES + 1):
        assert refusal(sender.put(blob, b"x", size=size)) == (413, "blob_too_large")
    too_much = bytes(MAX_PIECE_BYTES + 1)
    assert refusal(sender.put(blob, too_much, size=len(too_much))) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
    ],
)
def test_pictures_and_documents_are_kept(sender: Sender, start: bytes, media_type: str) -> None:
    blob = sender.send(picture(500, start=start))

    assert sender.head(blob).headers["content-type"] == media_type


@pytest.mark.parametrize(
    "start", [b"GIF89a", b"MZ\x90\x00", b"<html>", b"<svg xmlns=", b"PK\x03\x04", b"\x00" * 16]
)
def test_other_kinds_of_files_are_refused_with_their_first_bytes(
    sender: Sender, start: bytes
) -> None:
    content = picture(500, start=start)
    blob = ref_of(content)

    assert refusal(sender.put(blob, content[:20])) == (415, "blob_type_unknown")
    assert sender.here(blob) == 0


@pytest.mark.parametrize("name", ["..", "x" * 64, "A" * 64, "0" * 63, "0" * 65, "%2e%2e%2fsecret"])
def test_a_name_that_is_no_hash_leads_nowhere(sender: Sender, name: str) -> None:
    device = sender.device
    for method in ("GET", "HEAD", "PUT"):
        answer = device.client.request(
            method, f"/sync/v1/blob/{name}", params={"size": 10}, headers=device.headers
        )
        assert answer.status_code == 404


def test_packed_pieces_are_refused(sender: Sender) -> None:
    blob = ref_of(picture())
    device = sender.device

    answer = device.client.put(
        f"/sync/v1/blob/{blob.sha256}",
        params={"size": blob.size_bytes},
        content=b"x",
        headers=device.headers | {"Content-Encoding": "zstd"},
    )

    assert refusal(answer) == (415, "encoding_unknown")


# -- tenants -----------------------------------------------------------------------------------


def test_another_tenant_finds_nothing_even_knowing_the_hash(
    sender: Sender, stranger: Sender
) -> None:
    blob, nothing = sender.send(picture()), ref_of(picture(seed=9))

    for answer, other in (
        (stranger.get(blob), stranger.get(nothing)),
        (stranger.get(blob, "bytes=0-9"), stranger.get(nothing, "bytes=0-9")),
        (stranger.put(blob), stranger.put(nothing)),
        (stranger.head(blob), stranger.head(nothing)),
    ):
        assert answer.status_code == other.status_code
        assert answer.content.replace(blob.sha256.encode(), b"") == other.content.replace(
            nothing.sha256.encode(), b""
        )
        assert set(answer.headers) == set(other.headers)
    assert stranger.head(blob).status_code == 404


def test_another_tenants_unfinished_upload_is_nobodys_business(
    sender: Sender, stranger: Sender
) -> None:
    content = picture()
    blob = ref_of(content)
    sender.put(blob, content[:60_000])

    assert stranger.here(blob) == 0
    assert refusal(stranger.put(blob, picture(seed=2))) == (422, "blob_wrong")
    assert sender.here(blob) == 60_000
    read(sender.put(blob, content[60_000:], start=60_000), BlobReceived)
    assert sender.get(blob).content == content
    assert stranger.head(blob).status_code == 404


def test_what_two_tenants_have_alike_lies_twice(sender: Sender, stranger: Sender) -> None:
    first, second = sender.send(picture()), stranger.send(picture())

    assert first == second
    tenants = {sender.device.tenant_id, stranger.device.tenant_id}
    assert {blob_name(tenant, first.sha256).partition("/")[0] for tenant in tenants} == tenants


def test_without_a_token_or_with_a_revoked_device_nothing_is_answered(
    site: Site, sender: Sender
) -> None:
    blob = sender.send(picture())
    site.run(RevokeDevice(device_id=sender.device.device_id))

    for answer in (sender.get(blob), sender.put(blob)):
        assert refusal(answer) == (403, "device_revoked")
    sender.device.token = ""
    for answer in (sender.get(blob), sender.put(blob)):
        assert refusal(answer) == (401, "token_missing")
    assert sender.head(blob).status_code == 401


# -- restarts and time -------------------------------------------------------------------------


def test_an_unfinished_blob_outlives_the_server(site: Site, blobs: Blobs, folder: Path) -> None:
    content, identity = picture(), identity_of(site.device())
    blob = ref_of(content)
    blobs.take(identity, blob.sha256, content[:70_001], start=0, size_bytes=len(content))

    again = blobs_on(site, folder)
    asked = again.take(identity, blob.sha256, b"", start=0, size_bytes=len(content))
    done = again.take(
        identity, blob.sha256, content[70_001:], start=70_001, size_bytes=len(content)
    )

    assert (asked.received_bytes, done.is_complete) == (70_001, True)
    assert content_of(again.open(identity, blob.sha256)) == content
    assert list((folder / "unfinished").rglob("*.part")) == []


def test_a_whole_blob_that_was_not_put_away_is_put_away_when_asked_for(
    site: Site, blobs: Blobs, folder: Path
) -> None:
    content, identity = picture(), identity_of(site.device())
    blob = ref_of(content)
    part = folder / "unfinished" / identity.tenant_id / f"{blob.sha256}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(content)

    asked = blobs.take(identity, blob.sha256, b"", start=0, size_bytes=len(content))

    assert asked.is_complete
    assert content_of(blobs.open(identity, blob.sha256)) == content


def test_what_nobody_goes_on_with_is_forgotten_after_days(
    site: Site, blobs: Blobs, folder: Path
) -> None:
    identity = identity_of(site.device())
    old, young = ref_of(picture(seed=1)), ref_of(picture(seed=2))
    blobs.take(identity, old.sha256, picture(seed=1)[:99], start=0, size_bytes=old.size_bytes)
    site.server.clock.advance(UNFINISHED_KEPT)
    blobs.take(identity, young.sha256, picture(seed=2)[:99], start=0, size_bytes=young.size_bytes)
    site.server.clock.advance(timedelta(hours=1))

    assert blobs.prune() == 1
    assert [path.stem for path in (folder / "unfinished").rglob("*.part")] == [young.sha256]


def test_a_blob_that_lost_its_file_is_unknown_and_can_be_sent_again(
    site: Site, blobs: Blobs, folder: Path
) -> None:
    content, identity = picture(), identity_of(site.device())
    blob = ref_of(content)
    blobs.take(identity, blob.sha256, content, start=0, size_bytes=len(content))
    (folder / "objects" / blob_name(identity.tenant_id, blob.sha256)).unlink()

    with pytest.raises(Rejected, match="blob_unknown"):
        blobs.open(identity, blob.sha256)
    blobs.take(identity, blob.sha256, content, start=0, size_bytes=len(content))
    assert content_of(blobs.open(identity, blob.sha256)) == content
