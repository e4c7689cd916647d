"""What surrounds the back office in tests: a server's reach, settings, and sent commands."""

from desktop.settings import DeviceSettings


class KeptPreferences:
    """Settings kept in memory."""

    def __init__(self) -> None:
        self.settings = DeviceSettings()

    async def save(self, settings: DeviceSettings) -> None:
        """Keep them."""
        self.settings = settings
