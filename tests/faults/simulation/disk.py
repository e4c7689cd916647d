"""What a kill and a power cut leave of a device's files."""

import shutil
from pathlib import Path
from random import Random

_NEVER_COPIED = shutil.ignore_patterns("*-shm", "*.lock", "photo-*")
_SECTOR_BYTES = 512


def photo(folder: Path, target: Path) -> None:
    """Copy a profile as it lies on the disk now; a kill leaves exactly this."""
    shutil.copytree(folder, target, ignore=_NEVER_COPIED)


class Camera:
    """A tap on a device's databases that takes a photo before the statement it was told to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = folder.with_name(f"{folder.name}-before")
        self._after = folder.with_name(f"{folder.name}-after")
        self._left: int | None = None
        self.statement = ""

    def __call__(self, statement: str) -> None:
        """A statement is about to run."""
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            photo(self._folder, self._before)
            self.statement = statement
        elif self._left == -1:
            photo(self._folder, self._after)
            self._left = None

    def arm(self, statements: int) -> None:
        """Take the photo before that many further statements have run."""
        self._left = statements

    @property
    def is_done(self) -> bool:
        """Whether the moment has come."""
        return self._before.exists()

    def shoot(self) -> None:
        """Take what is missing now, while the databases are still open."""
        self._left = None
        if not self.is_done:
            photo(self._folder, self._before)
        elif not self._after.exists():
            photo(self._folder, self._after)

    def develop(self, chance: Random, *, is_power_cut: bool) -> str:
        """Let the profile be what the fault left of it; gives what was lost, for people to read.

        The profile's databases must be closed, and the photos taken.
        """
        told = ""
        if is_power_cut:
            told = _tear_journal(self._before, self._after, chance)
            told += _lose_unsynced(self._before, chance)
        shutil.rmtree(self._folder)
        self._before.rename(self._folder)
        self.forget()
        return told

    def forget(self) -> None:
        """Throw all photos away and take no more."""
        self._left = None
        self.statement = ""
        shutil.rmtree(self._before, ignore_errors=True)
        shutil.rmtree(self._after, ignore_errors=True)


def _tear_journal(before: Path, after: Path, chance: Random) -> str:
    """Keep a part of what the journal was about to write; what it had written is on the disk.

    The journal waits for the disk at each commit, so only the write that was under way can be torn.
    """
    name = "journal.db-wal"
    old, new = before / name, after / name
    if not old.exists() or not new.exists():
        return ""
    start, written = old.stat().st_size, new.read_bytes()
    if len(written) <= start:
        return ""
    end = chance.randint(start, len(written))
    old.write_bytes(written[:end] + _rest(len(written) - end, chance))
    return f"journal torn at {end} of {start}..{len(written)}; "


def _lose_unsynced(folder: Path, chance: Random) -> str:
    """Take commits of the replica away that were never waited for."""
    told = ""
    for name in ("replica.db-wal", "replica-next.db-wal"):
        path = folder / name
        if not path.exists() or chance.random() < 0.2:
            continue
        content = path.read_bytes()
        end = chance.randint(0, len(content))
        path.write_bytes(content[:end] + _rest(len(content) - end, chance))
        told += f"{name} cut at {end} of {len(content)}; "
    return told


def _rest(size: int, chance: Random) -> bytes:
    """What stands behind the last byte that arrived: nothing, zeros, or anything."""
    kind = chance.randrange(4)
    if kind == 0:
        return bytes(size)
    if kind == 1:
        sectors = -(-size // _SECTOR_BYTES)
        return b"".join(
            chance.randbytes(_SECTOR_BYTES) if chance.random() < 0.5 else bytes(_SECTOR_BYTES)
            for _ in range(sectors)
        )[:size]
    return b""
