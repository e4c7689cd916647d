"""Encrypted SQLite files: how they are opened, checked, locked and set aside."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, cast

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import event, pool

from shared.kernel.errors import Bug, Unavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

KEY_BYTES = 32
BUSY_TIMEOUT_MS = 5000
CACHE_KIB = 64 * 1024
"""Decrypted pages are kept: with a small cache every look-up pays for decryption again."""
LONGEST_LOG_PAGES = 16_384
"""64 MiB: only then does a commit to the replica put the write-ahead log into the file itself."""
LONG_LOG_PAGES = 1_000
"""From here on it is worth while to put the log into the file, beside the writer."""


class Durability(StrEnum):
    """What a commit survives."""

    FULL = "FULL"
    """A power cut: each commit waits for the disk."""
    NORMAL = "NORMAL"
    """A crash of the program; a power cut may take the last commits, but corrupts nothing."""


Tap = Callable[[str], None]
"""Hears every SQL statement just before it runs; for tests that cut a program off."""


def open_engine(
    path: Path,
    key: bytes,
    durability: Durability,
    *,
    is_read_only: bool = False,
    tap: Tap | None = None,
) -> sa.Engine:
    """An engine whose connections speak to one encrypted file; nothing is opened yet.

    A transaction on a writing engine takes the write lock at once, so that it never fails half-way
    because somebody else writes.
    """
    if len(key) != KEY_BYTES:
        message = f"a database key has {KEY_BYTES} bytes"
        raise Bug(message)

    def connect() -> Any:  # noqa: ANN401 - the driver has no types
        return _connect(path, key, durability, is_read_only=is_read_only, tap=tap)

    engine = sa.create_engine(
        "sqlite://", module=sqlcipher, creator=connect, poolclass=pool.NullPool
    )
    begin = "BEGIN" if is_read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def take_lock(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connect(
    path: Path, key: bytes, durability: Durability, *, is_read_only: bool, tap: Tap | None
) -> Any:  # noqa: ANN401 - the driver has no types
    made = sqlcipher.connect(
        str(path),
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT_MS / 1000,
        cached_statements=512,
    )
    try:
        made.execute("PRAGMA cipher_log_level = NONE")
        made.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        # A later release of the library may come with other defaults; the files stay as they are.
        made.execute("PRAGMA cipher_compatibility = 4")
        made.execute("PRAGMA journal_mode = WAL").fetchall()
        made.execute(f"PRAGMA synchronous = {durability}")
        made.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        # The server enforces references. A device holds only part of the rows, and a row whose
        # parent lies outside its scopes must not stop a whole page.
        made.execute("PRAGMA foreign_keys = OFF")
        if durability is Durability.NORMAL:
            # Every twentieth sale waited for the disk three times as long as the others.
            made.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG_PAGES}")
        if is_read_only:
            made.execute("PRAGMA query_only = ON")
        if tap is not None:
            made.set_trace_callback(tap)
    except sqlcipher.Error:
        made.close()
        raise
    return made


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn failures of the disk and of SQLite into Unavailable; our own mistakes pass through.

    Codes: disk_full, disk_failed, database_busy, database_unreadable, database_forbidden.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        code = _code_of(str(error.orig))
        if code is None:
            raise
        raise Unavailable(code) from error
    except sqlcipher.Error as error:
        code = _code_of(str(error))
        if code is None:
            raise
        raise Unavailable(code) from error


_CODES = {
    "database or disk is full": "disk_full",
    "disk i/o error": "disk_failed",
    "database is locked": "database_busy",
    "database table is locked": "database_busy",
    "file is not a database": "database_unreadable",
    "database disk image is malformed": "database_unreadable",
    "unable to open database file": "database_forbidden",
    "attempt to write a readonly database": "database_forbidden",
}


def _code_of(message: str) -> str | None:
    lowered = message.lower()
    return next((code for text, code in _CODES.items() if text in lowered), None)


def fold_log(connection: sa.Connection) -> bool:
    """Put a long write-ahead log into its file and say whether that was due; nobody waits for it.

    The connection may be a reading one, outside any transaction.
    """
    driver = cast("Any", connection.connection.driver_connection)
    _busy, written, folded = driver.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    # A long log is folded to its last page: only then does the next commit begin at its start.
    if written < LONG_LOG_PAGES or written == folded:
        return False
    driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return True


def fold_whole_log(connection: sa.Connection) -> None:
    """Put all of the write-ahead log into its file, so that the file alone is the database.

    Closing does that too, but says nothing where the disk is full. The connection is outside any
    transaction. Raises Unavailable.
    """
    driver = cast("Any", connection.connection.driver_connection)
    with storage_errors():
        busy, _written, _folded = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Unavailable("database_busy")


def is_sound(connection: sa.Connection) -> bool:
    """Whether SQLite's quick check finds nothing wrong with the file."""
    try:
        with storage_errors():
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except Unavailable:
        return False
    return bool(found == "ok")


def copy_database(source: sa.Connection, target: Path, key: bytes) -> None:
    """Copy an open database, as its last commit left it, into a new file with the same key."""
    with storage_errors():
        copy = _connect(target, key, Durability.FULL, is_read_only=False, tap=None)
        try:
            driver = cast("Any", source.connection.driver_connection)
            driver.backup(copy)
        finally:
            copy.close()


FILE_SUFFIXES = ("", "-wal", "-shm")


def aside_of(path: Path, folder: Path) -> dict[int, Path]:
    """What was set aside of a database, by number: the newest has the greatest."""
    found = (
        (each.stem.removeprefix(f"{path.stem}-"), each)
        for each in folder.glob(f"{path.stem}-*{path.suffix}")
    )
    return {int(number): each for number, each in found if number.isdecimal()}


def set_aside(path: Path, folder: Path) -> Path | None:
    """Move a database with its write-ahead log into `folder`, numbered behind all that lie there.

    Gives the new path of the database, or None when there was nothing to move.
    """
    if not path.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    number = max(aside_of(path, folder), default=0) + 1
    target = folder / f"{path.stem}-{number}{path.suffix}"
    # The main file moves last: until then a start finds it and starts over.
    for suffix in reversed(FILE_SUFFIXES):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))
    return target


def remove(path: Path) -> None:
    """Delete a closed database with its write-ahead log."""
    for suffix in reversed(FILE_SUFFIXES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def put_in_place(fresh: Path, path: Path) -> None:
    """Let a closed database take the place of another one; a stop in between leaves either."""
    for suffix in FILE_SUFFIXES[1:]:
        # Closing has emptied both logs; one that is left would be taken for the new file's.
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    fresh.replace(path)


class ProfileLock:
    """Keeps a second process from using the same profile."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises Unavailable("profile_in_use") when another process holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("a+b")
        try:
            self._take()
        except OSError as error:
            self._file.close()
            raise Unavailable("profile_in_use") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()).encode())
        self._file.flush()

    def _take(self) -> None:
        if sys.platform == "win32":
            self._file.seek(0)
            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self) -> None:
        """Let others have the profile."""
        self._file.close()
