"""Objects in a bucket that several hosts share: Amazon S3, or whatever speaks its protocol."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from shared.kernel.errors import Unavailable
from shared.sync.endpoint import STORE_OUT_OF_REACH, STORE_REFUSED
from sync_server.objects import FolderStore, ObjectStore, checked_name
from sync_server.settings import Settings, objects_folder

if TYPE_CHECKING:  # these are there for type checkers only
    from obstore.store import ClientConfig, RetryConfig, S3Config

_PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 4
"""Together what a put takes of memory, however large the file."""
_READ_BYTES = 256 << 10
"""What one request reads: a device on a slow line holds no more than that."""
_NO = ("NoSuchBucket", "AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId")
"""Codes of the protocol that the library, when it lists, does not tell from other failures."""
_PATIENCE: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=6)}


def object_store(settings: Settings) -> ObjectStore:
    """The bucket that is set, else a folder of this machine. Raises Unavailable."""
    if settings.objects_url is None:
        return FolderStore(objects_folder(settings))
    return BucketStore(
        settings.objects_url, endpoint=settings.objects_endpoint, region=settings.objects_region
    )


class BucketStore:
    """Objects under one prefix of one bucket.

    What is secret comes from the environment alone (AWS_ACCESS_KEY_ID and its like, or the host's
    own role) and stays in the library. Every method raises Unavailable: objects_unreachable when
    no good answer comes, objects_refused when the store lets us do nothing.
    """

    def __init__(self, url: str, *, endpoint: str | None = None, region: str | None = None) -> None:
        """`url` is s3://bucket or s3://bucket/prefix; `endpoint` is for stores beside Amazon's."""
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        client: ClientConfig = {"connect_timeout": "3s", "timeout": "60s"}
        config: S3Config = {}
        if endpoint is not None:
            config["endpoint"] = endpoint
            client["allow_http"] = endpoint.startswith("http://")
        if region is not None:
            config["region"] = region
        with self._answers():
            self._store = S3Store(
                self._bucket,
                prefix=prefix.strip("/") or None,
                config=config,
                client_options=client,
                retry_config=_PATIENCE,
            )

    def put(self, name: str, source: Path) -> None:
        """Send the file in parts, which become an object when all of them are there."""
        with self._answers():
            try:
                obstore.put(
                    self._store,
                    checked_name(name),
                    source,
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            except FileNotFoundError as error:
                if not source.exists():
                    raise
                raise Unavailable(STORE_REFUSED, bucket=self._bucket) from error

    def open(self, name: str) -> BinaryIO | None:
        """The object, read piece by piece as it is asked for; None when there is none."""
        with self._answers():
            try:
                size = obstore.head(self._store, checked_name(name))["size"]
            except FileNotFoundError:
                return None
        return io.BufferedReader(_Pieces(self, name, size), _READ_BYTES)

    def names(self, shelf: str) -> list[str]:
        """The names of the objects."""
        with self._answers():
            found = obstore.list(self._store, checked_name(shelf))
            return sorted(each["path"] for some in found for each in some)

    def remove(self, name: str) -> None:
        """Delete the object."""
        with self._answers():
            obstore.delete(self._store, checked_name(name))

    def piece(self, name: str, start: int, end: int) -> memoryview:
        """The bytes of an object from `start` up to `end`."""
        with self._answers():
            try:
                return memoryview(obstore.get_range(self._store, name, start=start, end=end))
            except FileNotFoundError as error:
                # Removed since it was opened: a newer one is there.
                raise Unavailable(STORE_OUT_OF_REACH, bucket=self._bucket) from error

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """Say in our words what the library says in its own."""
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Unavailable(STORE_REFUSED, bucket=self._bucket) from error
        except BaseError as error:
            code = STORE_REFUSED if any(each in str(error) for each in _NO) else STORE_OUT_OF_REACH
            raise Unavailable(code, bucket=self._bucket) from error


class _Pieces(io.RawIOBase):
    """An object as a file: each read is one request for just those bytes."""

    def __init__(self, bucket: BucketStore, name: str, size: int) -> None:
        super().__init__()
        self._bucket = bucket
        self._name = name
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, at no cost."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Begin the next read elsewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readall(self) -> bytes:
        """The rest, in few requests; the library's own way takes thousands."""
        return b"".join(iter(lambda: self.read(_PART_BYTES), b""))

    def readinto(self, target: "memoryview[int]", /) -> int:  # type: ignore[override] # 3.11 has no Buffer
        """Fill the target as far as the object goes."""
        end = min(self._size, self._at + len(target))
        if end <= self._at:
            return 0
        came = self._bucket.piece(self._name, self._at, end)
        target[: len(came)] = came
        self._at += len(came)
        return len(came)
