"""What cases ask of their surroundings: the commands that were made on this device."""

from typing import Protocol

from shared.kernel.messages import Command


class SentCommands(Protocol):
    """The commands that were made on this device."""

    async def find(self, cmd_id: str) -> Command | None:
        """The command with that id, or None when another device made it.

        Raises Rejected for a command of another release, which cannot be read here.
        """
        ...
