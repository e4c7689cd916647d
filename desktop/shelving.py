"""What this device has parked, and what its neighbours have: one shelf for each of them."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import msgspec

from desktop.database import storage_errors
from desktop.files import ProfileFiles
from desktop.journal import PARKED_SLOT, Journal
from shared.kernel.errors import Unavailable
from shared.kernel.ids import DeviceId
from shared.sync.protocol.hub import MOST_REVISION, MOST_SHELF_CHARS, Shelf, TakenCart

_log = logging.getLogger(__name__)
SHELF_KIND = "store_shelf"
"""The kind under which screens are told that something was parked, or taken up, in the store."""
_SHARED = "hub_shelf"
"""The note in the journal that says what was shared last."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """The revision that was shared last, and the hash of its content; none before the first."""

    revision: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class StoreShelves:
    """What is parked at the other devices of the store, and what of all that is gone.

    `taken` names carts that still lie on a shelf, perhaps on this device's own, but went on at
    another device.
    """

    others: tuple[Shelf, ...] = ()
    taken: tuple[TakenCart, ...] = ()


class Shelving:
    """Belongs to the thread of the workbench. `tell` is called when screens should look again."""

    def __init__(self, files: ProfileFiles, tell: Callable[[], None]) -> None:
        self._files = files
        self._tell = tell

    @property
    def _journal(self) -> Journal:
        return self._files.journal

    def standing(self) -> StoreShelves:
        """How it stands with the others. Raises Unavailable with what the disk says."""
        with storage_errors():
            keeping = self._files.keeping
            if not keeping.has_copies:
                return StoreShelves()
            return StoreShelves(keeping.shelves.all(), keeping.shelves.taken())

    def own(self) -> Shelf | None:
        """What is parked here, for the others; None when nothing ever was."""
        with storage_errors():
            return self._own()

    def put(self, shelf: Shelf) -> None:
        """Keep a neighbour's shelf, if it is newer than what is known of it.

        One of this device itself that is newer than what it knows comes from before its journal
        was lost: its next revision is a higher one.
        """
        with storage_errors():
            if shelf.device_id == self._device_id:
                is_new = self._go_on_behind(shelf)
            else:
                is_new = self._files.keeping.shelves.put(shelf)
        if is_new:
            self._tell()

    def take(self, taken: Iterable[TakenCart]) -> None:
        """Remember carts that went on elsewhere, as far as they lie on a shelf that is known."""
        with storage_errors():
            standing = self.standing()
            contents = {shelf.device_id: shelf.content for shelf in standing.others}
            contents[self._device_id] = self._content()
            fresh = [
                each
                for each in taken
                if each not in standing.taken
                and each.parking_id in contents.get(each.device_id, "")
            ]
            for each in fresh:
                self._files.keeping.shelves.take(each)
        if fresh:
            self._tell()

    def clear(self) -> None:
        """Let go of what neighbours have: they are heard no more."""
        with storage_errors():
            keeping = self._files.keeping
            had_any = keeping.has_copies and keeping.shelves.clear()
        if had_any:
            self._tell()

    @property
    def _device_id(self) -> DeviceId:
        identity = self._journal.identity()
        if identity is None:
            raise Unavailable("device_not_enrolled")
        return identity.device_id

    def _content(self) -> str:
        draft = self._journal.load_draft(PARKED_SLOT)
        return "" if draft is None else draft.content.decode(errors="replace")

    def _own(self) -> Shelf | None:
        """What is parked here, with a revision of its own when it differs from the one before."""
        content, known = self._content(), self._shared()
        if known.revision == 0 and not content:
            return None
        digest = _digest(content)
        if digest != known.digest and known.revision < MOST_REVISION:
            known = _Shared(known.revision + 1, digest)
            self._remember(known)
            if self._files.keeping.has_copies:
                self._files.keeping.shelves.forget_what_left(self._device_id, content)
        if len(content) > MOST_SHELF_CHARS:
            _log.warning("too much is parked to be shared: %s", len(content))
            return None
        return Shelf(device_id=self._device_id, revision=known.revision, content=content)

    def _go_on_behind(self, shelf: Shelf) -> bool:
        own, known = self._own(), self._shared()
        is_same = own is not None and own.content == shelf.content
        is_older = shelf.revision < known.revision
        if is_older or (is_same and shelf.revision == known.revision):
            return False
        if shelf.revision == MOST_REVISION:
            return False
        self._remember(replace(known, revision=shelf.revision, digest=""))
        return True

    def _shared(self) -> _Shared:
        note = self._journal.note(_SHARED)
        return _Shared() if note is None else msgspec.json.decode(note, type=_Shared)

    def _remember(self, shared: _Shared) -> None:
        with self._journal.writing():
            self._journal.set_note(_SHARED, msgspec.json.encode(shared).decode())


def _digest(content: str) -> str:
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
