"""Before a device is taken away: the proof that its server has everything it made."""

from desktop.device import keys_of
from desktop.files import ProfileFiles
from desktop.journal import Waiting
from desktop.secrets import open_secrets
from desktop.settings import Profile

NOTHING = Waiting(0, None)


def unsent(profile: Profile) -> Waiting:
    """What no server has yet, commands and blobs; nothing where no device ever worked.

    Raises Unavailable: profile_in_use while its window is open, keyring_unavailable, journal_* or
    what the disk says.
    """
    if not profile.folder.exists():
        return NOTHING
    files = ProfileFiles(profile, keys_of(profile, open_secrets(profile)))
    try:
        return files.journal.waiting()
    finally:
        files.close()
