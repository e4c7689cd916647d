"""Where large files lie that many devices fetch: a folder of this machine, or a shared bucket."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from shared.kernel.errors import Bug


class ObjectStore(Protocol):
    """Keeps files under names such as `a/b.json`; a file is there whole or not at all."""

    def put(self, name: str, source: Path) -> None:
        """Keep a copy of a file; replaces what was there."""
        ...

    def open(self, name: str) -> BinaryIO | None:
        """The file for reading and seeking, or None when there is none of that name."""
        ...

    def names(self, shelf: str) -> list[str]:
        """All names that begin with `shelf`, which ends with a slash, in order."""
        ...

    def remove(self, name: str) -> None:
        """Forget a file; does nothing when there is none."""
        ...


def checked_name(name: str) -> str:
    """The name again. Raises Bug when it would lead out of the store."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        message = f"no name of an object: {name!r}"
        raise Bug(message)
    return name


class FolderStore:
    """Objects as files in one folder of this machine, which nobody else may look into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, source: Path) -> None:
        """Copy, make it last, then give it its name."""
        target = self._path(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with source.open("rb") as read, fresh.open("wb") as written:
                shutil.copyfileobj(read, written, 1 << 20)
                written.flush()
                os.fsync(written.fileno())
            fresh.replace(target)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def open(self, name: str) -> BinaryIO | None:
        """The file, or None."""
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            return None

    def names(self, shelf: str) -> list[str]:
        """The names of its files."""
        folder = self._path(shelf)
        if not folder.is_dir():
            return []
        found = (path for path in folder.rglob("*") if path.is_file())
        return sorted(
            path.relative_to(self._folder).as_posix()
            for path in found
            if not path.name.startswith(".")
        )

    def remove(self, name: str) -> None:
        """Delete the file."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder.joinpath(*PurePosixPath(checked_name(name)).parts)
