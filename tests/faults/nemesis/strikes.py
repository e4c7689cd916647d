"""What befalls the server, its database and the lines, and how it ends again."""

import os
import signal
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from tests.faults.nemesis.device import Device
from tests.faults.nemesis.ground import Ground
from tests.faults.nemesis.shop import Shop
from tests.faults.nemesis.wire import Weather, Wire


@dataclass(frozen=True)
class Scene:
    """What there is to be struck."""

    ground: Ground
    shops: list[Shop]
    devices: list[Device]
    crews: dict[str, list[Device]]
    """The same devices by the name of their shop."""
    boxed: list[Device]
    """Devices that are not in use yet."""
    chance: Random

    def await_server(self) -> None:
        """Let all devices reach the server where it is now."""
        port = self.ground.await_server()
        for device in self.devices:
            device.wire.target_port = port

    def busy_wire(self) -> Wire:
        """Some device's line."""
        return self.chance.choice(self.devices).wire


class Strike(ABC):
    """One misfortune: it begins, perhaps at a byte to come, people go on, it ends."""

    NAME: ClassVar[str]
    RANK: ClassVar[int] = 1
    """What ends first, and begins last: a server, or a brake, needs its database."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.has_struck = threading.Event()

    @abstractmethod
    def begin(self) -> None:
        """Strike, or lie in wait."""

    @abstractmethod
    def end(self) -> None:
        """Strike now if it has not yet; then make good again."""


class ServerKilled(Strike):
    """The server process is killed when some byte has passed a line: before, in or after a push."""

    NAME = "server killed"
    RANK = 2

    def begin(self) -> None:
        """Wait for a byte."""
        chance = self._scene.chance
        wires = [device.wire for device in self._scene.devices]
        self._wire = chance.choice([*wires, self._scene.ground.wire])
        self._wire.when_passed(int(100_000 ** chance.random()), self._strike)

    def _strike(self) -> None:
        self._scene.ground.kill_server()
        self.has_struck.set()

    def end(self) -> None:
        """Start another process."""
        self._wire.forget_mark()
        self._strike()
        self._scene.ground.end_server()
        self._scene.ground.begin_server()
        self._scene.await_server()


class ServerReplaced(Strike):
    """The server is told to stop, as for a new release, and another one starts."""

    NAME = "server replaced"
    RANK = 2

    def begin(self) -> None:
        """Tell it."""
        self._scene.ground.stop_server()
        self.has_struck.set()

    def end(self) -> None:
        """Start another process; another strike may have brought one already, which ends too."""
        self._scene.ground.stop_server()
        self._scene.ground.end_server()
        self._scene.ground.begin_server()
        self._scene.await_server()


class ServerPaused(Strike):
    """The server stands still in the middle of everything, and goes on as if nothing had been."""

    NAME = "server paused"

    def begin(self) -> None:
        """Wait for a byte."""
        chance = self._scene.chance
        self._wire = self._scene.busy_wire()
        self._wire.when_passed(int(30_000 ** chance.random()), self._strike)

    def _strike(self) -> None:
        self._scene.ground.pause_server()
        self.has_struck.set()

    def end(self) -> None:
        """Go on."""
        self._wire.forget_mark()
        self._scene.ground.resume_server()


class DatabaseKilled(Strike):
    """PostgreSQL is killed, postmaster and all, when some byte has passed between it and us."""

    NAME = "database killed"
    RANK = 0

    def begin(self) -> None:
        """Wait for a byte."""
        ground, chance = self._scene.ground, self._scene.chance
        ground.wire.when_passed(int(200_000 ** chance.random()), self._strike)

    def _strike(self) -> None:
        os.kill(self._scene.ground.postmaster, signal.SIGKILL)
        self.has_struck.set()

    def end(self) -> None:
        """Start it; it recovers from its log."""
        ground = self._scene.ground
        ground.wire.forget_mark()
        ground.kill_database()
        ground.start_database()


class DatabaseLineBad(Strike):
    """The line between server and database breaks at any byte: a commit's answer is lost too."""

    NAME = "database line bad"

    def begin(self) -> None:
        """Let connections that are made from now on fail, and break those that are open."""
        wire = self._scene.ground.wire
        wire.cut()
        wire.weather = Weather(cut=0.6, half_open=0.1, held=0.2, most_bytes=300_000)
        wire.mend()
        self.has_struck.set()

    def end(self) -> None:
        """Let it be sound again."""
        self._scene.ground.wire.become_calm()


class CommitsSlow(Strike):
    """One shop's commits take their time: all is written and nothing is to be seen yet."""

    NAME = "commits slow"
    RANK = 3

    def begin(self) -> None:
        """Put the brake in."""
        self._shop = self._scene.chance.choice(self._scene.shops)
        self._shop.commit_slowly(round(self._scene.chance.uniform(0.05, 0.6), 2))
        self.has_struck.set()

    def end(self) -> None:
        """Take it out."""
        self._shop.commit_at_once()


class Outage(Strike):
    """Some devices' cables are pulled."""

    NAME = "outage"

    def begin(self) -> None:
        """Pull them."""
        devices = self._scene.devices
        self._out = self._scene.chance.sample(devices, self._scene.chance.randint(1, len(devices)))
        for device in self._out:
            device.wire.cut()
        self.has_struck.set()

    def end(self) -> None:
        """Plug them in."""
        for device in self._out:
            device.wire.mend()


class ProgramRestarted(Strike):
    """A device's program is ended in the middle of what it exchanges, and started again."""

    NAME = "program restarted"

    def begin(self) -> None:
        """End it."""
        running = [device for device in self._scene.devices if device.is_on]
        self._device = self._scene.chance.choice(running)
        self._device.stop()
        self.has_struck.set()

    def end(self) -> None:
        """Start it."""
        self._device.start()


class PairedAnew(Strike):
    """Somebody pairs a device anew over a bad line: its next life begins, sooner or later."""

    NAME = "paired anew"

    def begin(self) -> None:
        """Type the code."""
        running = [device for device in self._scene.devices if device.is_on]
        self._device = self._scene.chance.choice(running)
        self._device.pair()
        self.has_struck.set()

    def end(self) -> None:
        """Type it again if need be."""
        if self._device.is_on and self._device.is_half_paired:
            self._device.pair()


class Joined(Strike):
    """A new device joins, and fetches all rows over whatever line there is."""

    NAME = "device joined"

    def begin(self) -> None:
        """Start one that is still in its box, if there is any."""
        self._device = self._scene.boxed.pop() if self._scene.boxed else None
        if self._device is not None:
            self._scene.devices.append(self._device)
            self._scene.crews[self._device.shop.name].append(self._device)
            self._device.wire.target_port = self._scene.ground.port
            self._device.start()
            self._device.pair()
        self.has_struck.set()

    def end(self) -> None:
        """Type the code again if need be."""
        if self._device is not None and self._device.is_on and self._device.is_half_paired:
            self._device.pair()


ALL: tuple[type[Strike], ...] = (
    ServerKilled,
    ServerKilled,
    DatabaseKilled,
    DatabaseKilled,
    DatabaseLineBad,
    CommitsSlow,
    ServerReplaced,
    ServerPaused,
    Outage,
    ProgramRestarted,
    PairedAnew,
    Joined,
    Joined,
)
"""Those that are named twice come twice as often."""
