"""Copies of the journal, and putting one back when a person decides so."""

import shutil
from pathlib import Path

from desktop.database import ProfileLock, put_in_place, set_aside
from desktop.settings import Profile
from shared.kernel.errors import Unavailable


def backups_of(profile: Profile) -> list[Path]:
    """Copies of the journal, newest first."""
    return sorted(profile.backups.glob("journal-[0-9].db"))


def restore_journal(profile: Profile) -> Path:
    """Put the newest copy in the journal's place, when a person decides so; gives where it was.

    What was there is kept beside. Commands made after the copy are lost to this device; if the
    server has some of them it finds out with the next push, and the device is to be paired anew.

    Raises Unavailable: backup_missing, profile_in_use, folder_unusable.
    """
    copies = backups_of(profile)
    if not copies:
        raise Unavailable("backup_missing", folder=str(profile.folder))
    lock = ProfileLock(profile.lock)
    try:
        fresh = profile.journal.with_name("journal-restored.db")
        shutil.copyfile(copies[0], fresh)
        set_aside(profile.journal, profile.set_aside)
        put_in_place(fresh, profile.journal)
    except OSError as error:
        raise Unavailable("folder_unusable", folder=str(profile.folder)) from error
    finally:
        lock.release()
    return copies[0]
