"""One story on the real ground: two shops on one server, people at work, and what befalls them.

A seed decides who does what, what strikes and after how many bytes; how threads and processes
interleave is real, so a seed tells a kind of story and not the same one each time.
"""

import contextlib
import logging
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from shared.organization.commands import Workspace
from tests.faults.nemesis.bell import Bell
from tests.faults.nemesis.device import Device
from tests.faults.nemesis.ground import Ground
from tests.faults.nemesis.judge import Judge, check_apart
from tests.faults.nemesis.shop import Shop
from tests.faults.nemesis.strikes import ALL, Scene, Strike
from tests.faults.nemesis.wire import CALM, Weather, Wire

HEALING_S = 90.0
"""A device that missed a nudge comes back when its token ends: after a minute here."""
ATTEMPTS = 5
SHORT_ROUNDS = 3
LONG_ROUNDS = 25
_PLACES = (
    ("K1", Workspace.KIOSK),
    ("OFFICE", Workspace.MERCHANT),
    ("STATION", Workspace.FULFILLMENT),
    ("K2", Workspace.KIOSK),
)
_OURS = ("desktop", "shared", "asyncio")


class StoryFailed(Exception):
    """Something that must hold did not; says what, and how to tell the story again."""


@dataclass(frozen=True)
class Told:
    """What one story came to."""

    seed: int
    errands: int
    commands: int
    faults: Counter[str]
    outcomes: Counter[str]
    seconds: float


class Story:
    """A day of two shops."""

    def __init__(self, seed: int, folder: Path, *, rounds: int) -> None:
        self._chance = Random(f"{seed}/real")
        self._seed = seed
        self._folder = folder
        self._rounds = rounds
        self._bell = Bell()
        self._faults: Counter[str] = Counter()
        self._errands = 0
        self._stack = contextlib.ExitStack()
        self.logged: list[tuple[str, tuple[object, ...]]] = []

    def play(self) -> Told:
        """The day, the healing, the verdict."""
        began = time.monotonic()
        with self._stack:
            self._ground = self._stack.enter_context(
                Ground(
                    self._folder,
                    Random(f"{self._seed}/database"),
                    bootstrap_rows=self._chance.choice([1, 20_000]),
                )
            )
            self._ground.begin_server()
            self._shops = [Shop(self._ground, name) for name in ("Nord", "Sued")]
            self._port = self._ground.await_server()
            self._open()
            for _round in range(self._rounds):
                self._round()
            self._heal()
            return self._told(began)

    def _open(self) -> None:
        """Set some devices of each shop up; the others join when they join."""
        crews: dict[str, list[Device]] = {}
        boxed: list[Device] = []
        for shop in self._shops:
            first, *others = [self._device(shop, *place) for place in _PLACES]
            count = self._chance.choice([1, 1, 2, 3])
            crews[shop.name] = [first, *others[:count]]
            boxed += others[count:]
            for device in crews[shop.name]:
                self._set_up(device)
        self._devices = [device for crew in crews.values() for device in crew]
        self._chance.shuffle(boxed)
        self._judges = [Judge(shop, crews[shop.name]) for shop in self._shops]
        self._scene = Scene(self._ground, self._shops, self._devices, crews, boxed, self._chance)

    def _set_up(self, device: Device) -> None:
        device.start()
        assert device.pair(), f"{device.name} is not paired"
        filled = self._bell.until(lambda: device.status.is_filled, HEALING_S)
        assert filled, f"{device.name} is not filled: {device.status}"

    def _told(self, began: float) -> Told:
        for judge in self._judges:
            judge.verdict()
        check_apart(self._shops)
        sent_again = frozenset[object]().union(*(judge.sent_again for judge in self._judges))
        errors = [told for told, args in self.logged if not sent_again.intersection(args)]
        assert not errors, f"the product logged an error: {errors[0]}"
        for wire in (self._ground.wire, *(device.wire for device in self._devices)):
            self._faults += wire.faults
        outcomes: Counter[str] = Counter()
        for judge in self._judges:
            outcomes += judge.outcomes
        return Told(
            self._seed,
            self._errands,
            outcomes.total(),
            self._faults,
            outcomes,
            time.monotonic() - began,
        )

    def _device(self, shop: Shop, workplace: str, workspace: Workspace) -> Device:
        place = f"{shop.name}-{workplace}"
        wire = self._stack.enter_context(Wire("line", Random(f"{self._seed}/{place}/wire")))
        wire.target_port = self._port
        device = Device(
            shop,
            workplace,
            workspace,
            shop.registers.get(workplace),
            self._folder / place,
            wire,
            self._bell,
            Random(f"{self._seed}/{place}"),
        )
        self._stack.callback(device.stop)
        return device

    # -- the day -----------------------------------------------------------------------------

    def _round(self) -> None:
        """Some weather, one or two strikes, people who go on all the while; then a look."""
        for device in self._devices:
            device.wire.weather = self._weather()
        kinds = self._chance.sample(ALL, self._chance.choice([1, 1, 2]))
        kinds = sorted(dict.fromkeys(kinds), key=lambda kind: -kind.RANK)
        strikes = [kind(self._scene) for kind in kinds]
        for strike in strikes:
            self._faults[strike.NAME] += 1
            strike.begin()
            self._work(self._chance.randint(0, 12))
        self._work_until(strikes)
        self._work(self._chance.randint(4, 24))
        for strike in reversed(strikes):
            strike.end()
            self._work(self._chance.randint(0, 3))
        for judge in self._judges:
            judge.look()

    def _weather(self) -> Weather:
        if self._chance.random() < 0.3:
            return CALM
        return Weather(
            cut=self._chance.choice([0.0, 0.2, 0.5]),
            half_open=self._chance.choice([0.0, 0.05]),
            held=self._chance.choice([0.0, 0.2]),
            repeated=self._chance.choice([0.0, 0.3]),
        )

    def _work(self, errands: int) -> None:
        for _errand in range(errands):
            device = self._chance.choice(self._devices)
            if device.is_on:
                self._errands += device.do_something()
            if self._chance.random() < 0.1:
                self._bell.until(lambda: device.status.pending == 0, 0.2)  # noqa: B023 - asked at once

    def _work_until(self, strikes: list[Strike]) -> None:
        """Let people work until all that lies in wait has struck; there is an end to patience."""
        for _attempt in range(40):
            if all(strike.has_struck.is_set() for strike in strikes):
                return
            self._work(1)

    # -- the end -----------------------------------------------------------------------------

    def _heal(self) -> None:
        """With nothing going wrong any more, all must come to rest by itself."""
        for device in self._devices:
            device.wire.become_calm()
            if device.is_half_paired:
                assert any(device.pair() for _attempt in range(ATTEMPTS)), device.name
        self._work(2 * len(self._devices))
        for device in self._devices:
            if not self._bell.until(device.is_at_rest, HEALING_S):
                message = f"{device.name} never comes to rest: {device.status} {device.shop.head}"
                raise StoryFailed(message)


class _Ears(logging.Handler):
    """Hears what the devices call an error of their own: none may happen, whatever strikes.

    But one: what a device's next life sends again may have come down already, as rows of the life
    before; made again on top of them it fails, until the server has said what became of it.
    """

    def __init__(self, story: Story) -> None:
        super().__init__(logging.ERROR)
        self._story = story

    def emit(self, record: logging.LogRecord) -> None:
        """The product logged an error."""
        if record.name.startswith(_OURS):
            args = record.args if isinstance(record.args, tuple) else ()
            self._story.logged.append((self.format(record), args))


def tell(seed: int, *, rounds: int = SHORT_ROUNDS) -> Told:
    """Play the story of a seed. Raises StoryFailed with what is needed to find out why."""
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-real-"))
    folder.chmod(0o755)  # PostgreSQL's own account passes through.
    story = Story(seed, folder, rounds=rounds)
    ears = _Ears(story)
    logging.getLogger().addHandler(ears)
    try:
        told = story.play()
    except Exception as failure:
        message = (
            f"{failure!r}\n\nits files: {folder}\nagain: ./run soak --real --first {seed} --seeds 1"
        )
        raise StoryFailed(message) from failure
    finally:
        logging.getLogger().removeHandler(ears)
    shutil.rmtree(folder)
    return told
