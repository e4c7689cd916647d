"""What the back office asks of its surroundings: settings, and a gate that can be locked."""

from typing import Protocol, runtime_checkable

from desktop.settings import DeviceSettings


class Preferences(Protocol):
    """The settings of this machine, kept over a restart."""

    @property
    def settings(self) -> DeviceSettings:
        """The settings in force."""
        ...

    async def save(self, settings: DeviceSettings) -> None:
        """Keep other settings. Raises Unavailable("folder_unusable")."""
        ...


@runtime_checkable
class Gate(Protocol):
    """Lets the staff in by PIN; a session that is one can be locked."""

    def lock(self) -> None:
        """Nobody works here until a PIN is given."""
        ...
