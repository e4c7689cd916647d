"""How sharing with the other devices of the store stands, in words for any workspace."""

from dataclasses import dataclass

from desktop.sync.sync_status import StoreShare
from desktop.ui import i18n


@dataclass(frozen=True, slots=True)
class SharingWord:
    """One thing to know about sharing: what it is about, and how it stands."""

    title: str
    text: str


def sharing_words(share: StoreShare) -> tuple[SharingWord, ...]:
    """Who shares with this device, where its own unsent work lies, and what it keeps for others."""
    title = i18n.tr("sharing.with")
    if not share.is_on:
        return (SharingWord(title, i18n.tr("sharing.off")),)
    words = [
        SharingWord(title, ", ".join(share.neighbours) or i18n.tr("sharing.alone")),
        SharingWord(i18n.tr("sharing.copies"), _copies(share)),
    ]
    if share.kept:
        kept = i18n.tr("sharing.kept", count=share.kept)
        words.append(SharingWord(i18n.tr("sharing.keeps"), kept))
    return tuple(words)


def _copies(share: StoreShare) -> str:
    if not share.unsent:
        return i18n.tr("sharing.nothing_unsent")
    if not share.uncopied:
        return i18n.tr("sharing.copied")
    return i18n.tr("sharing.uncopied", count=share.uncopied)
