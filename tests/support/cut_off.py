"""What a kill leaves behind: copies of a device's files, taken before each statement."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from desktop.settings import Profile
from tests.support.reference_memory import Backup
from tests.support.reference_server import ReferenceServer

_FILES = ("journal.db", "journal.db-wal", "replica.db", "replica.db-wal")


@dataclass(frozen=True)
class Moment:
    """One moment: a statement that was about to run, and all that stood in files and at the server.

    `printed` are the numbers of receipts that were on paper by then.
    """

    number: int
    statement: str
    folder: Path
    server: Backup
    printed: tuple[int, ...]


class Recorder:
    """A tap on both databases that keeps every moment of a story at which files differ.

    A process that is killed leaves exactly what its files hold at that moment; nothing that SQLite
    keeps in memory counts. So a copy of the files is a kill, and a thousand of them take seconds.
    """

    def __init__(self, profile: Profile, server: ReferenceServer, folder: Path) -> None:
        self._profile = profile
        self._server = server
        self._folder = folder
        self.moments: list[Moment] = []
        self.printed: list[int] = []
        self.statements = 0
        self.is_on = False
        self._last: object = None

    def __call__(self, statement: str) -> None:
        """Keep this moment."""
        if not self.is_on:
            return
        self.statements += 1
        left = (files_hash(self._profile.folder), self._server.head, len(self.printed))
        if left == self._last:
            return
        self._last = left
        number = len(self.moments)
        folder = self._folder / f"moment-{number}"
        copy_files(self._profile.folder, folder)
        self.moments.append(
            Moment(number, statement, folder, self._server.back_up(), tuple(self.printed))
        )


def copy_files(source: Path, target: Path) -> None:
    """Copy both databases as they lie on the disk; the shared memory of a process dies with it."""
    target.mkdir(parents=True)
    for name in _FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def files_hash(folder: Path) -> str:
    """Names the content of both databases as they lie on the disk."""
    hashed = hashlib.sha256()
    for name in _FILES:
        path = folder / name
        hashed.update(path.read_bytes() if path.exists() else b"")
        hashed.update(b"/")
    return hashed.hexdigest()


def torn_copy(source: Path, name: str, target: Path, *, size: int) -> None:
    """Copy a moment in which one file lost what lies behind `size` bytes."""
    copy_files(source, target)
    (target / name).write_bytes((source / name).read_bytes()[:size])
