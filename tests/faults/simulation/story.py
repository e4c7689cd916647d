"""One story: a shop's day from one seed, with everything that goes wrong in it, and its healing."""

import asyncio
import logging
import shutil
import traceback
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from desktop.sync.tempo import Tempo
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import RegisterId
from shared.kernel.messages import Command
from shared.organization.commands import Workspace
from shared.storage.reader import Reader
from shared.sync.state import SyncState
from tests.faults.simulation.chance import determined
from tests.faults.simulation.chronicle import Chronicle
from tests.faults.simulation.errands import Person
from tests.faults.simulation.fate import Fate
from tests.faults.simulation.gateway import Claim
from tests.faults.simulation.judge import Judge
from tests.faults.simulation.line import Line
from tests.faults.simulation.machine import Hardware, Machine, ProcessDied
from tests.faults.simulation.shop import Place, Shop, fast_folder, the_shop
from tests.faults.simulation.virtual_loop import VirtualLoop, pass_time
from tests.faults.simulation.weather import CALM, Weather, weather_of
from tests.faults.simulation.workplaces import next_errand

HEALING_SECONDS = 2400.0
"""Of the shop's time; the longest wait of any device is five minutes."""
_OURS = ("desktop", "shared", "sync_server")
_ALARM = "told to fill the replica again"
"""The one error that is no mistake of ours: here servers are restored several times a day."""


class StoryFailed(Exception):
    """Something that must hold did not; says what, and what came before."""


@dataclass(frozen=True)
class Told:
    """What one story came to."""

    seed: int
    steps: int
    hash: str
    faults: Counter[str]
    outcomes: Counter[str]
    minutes: float


@dataclass
class Staff:
    """A device of the story with whoever works at it."""

    machine: Machine
    person: Person
    workspace: Workspace
    register_id: RegisterId | None
    code: str | None = None
    """A pairing code that was given out for this device and not used up."""
    is_clone: bool = False
    is_held: bool = False
    """Somebody works on its files; it stays off."""


@dataclass
class Story:
    """Everything that one seed decides."""

    seed: int
    shop: Shop
    folder: Path
    chance: Random = field(init=False)
    weather: Weather = field(init=False)
    days_weather: Weather = field(init=False)
    staff: list[Staff] = field(default_factory=list)
    spare_registers: list[RegisterId] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.seed}/story")
        self.weather = self.days_weather = weather_of(Random(f"{self.seed}/weather"))
        self.chronicle = Chronicle(self.shop.moment)
        self.gateway = self.shop.gateway
        self.authority = self.gateway.authority
        self.judge = Judge(self.authority, Random(f"{self.seed}/judge"))
        self.spare_registers = list(self.shop.spare_registers)
        is_long = self.chance.random() < 0.01
        self.errands_each = self.chance.randint(30, 60) if is_long else self.chance.randint(2, 6)
        self.pace = self.chance.choice([2.0, 20.0, 120.0])
        self.is_day = True
        self.has_failed = asyncio.Event()
        self.failure: str | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def fail(self, why: str) -> None:
        """Something that must hold does not; the first finding counts."""
        if self.failure is None:
            self.failure = why
            self.has_failed.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let something happen beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._ended)
        return task

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside everything else, and see no more of it."""
        self.spawn(work).get_name()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail("".join(traceback.format_exception(error)))

    # -- the day -----------------------------------------------------------------------------

    async def play(self) -> None:
        """The day, the healing, the verdict."""
        self._prepare_server()
        wanted = self.chance.choice([2, 2, 2, 3, 3, 4])
        first, *others = self.shop.places
        for place in (first, *self.chance.sample(others, wanted - 1)):
            self.employ(place, self._copied(place))
        fate = Fate(self)
        self.begin(fate.strike())
        day = self.pace * self.errands_each
        await self._pass(day)
        self.is_day = False
        await fate.relent()
        self.weather = CALM
        await self._heal()
        for each in self.staff:
            each.machine.checked(each.machine, "start")
        self.judge.verdict([each.machine for each in self.staff])

    def _prepare_server(self) -> None:
        chance = Random(f"{self.seed}/server")
        authority = self.authority
        authority.per_commit = lambda: chance.choice([1, 2, 5, 50])
        authority.committed = self.judge.committed
        authority.dies_now = lambda when: self._dies(chance, when)
        self.gateway.expires_early = lambda: chance.random() < self.weather.token_expired

    def _dies(self, chance: Random, when: str) -> bool:
        is_now = chance.random() < self.weather.server_dies
        if is_now:
            self.chronicle.fault("server_dies", "SERVER", when)
            self.gateway.go_down()
            self.begin(self.bring_up(chance.uniform(1.0, 60.0)))
        return is_now

    async def bring_up(self, seconds: float) -> None:
        """Start the server again after a while."""
        await pass_time(seconds)
        self.gateway.is_up = True

    def _copied(self, place: Place) -> Hardware:
        folder = self.folder / place.hardware.name
        shutil.copytree(place.hardware.folder, folder)
        return replace(place.hardware, folder=folder, tempo=self.tempo())

    def tempo(self) -> Tempo:
        """Small pages, so that many boundaries are met."""
        rows = self.chance.choice([1, 3, 10, 50, 1000])
        return Tempo(page_rows=rows, fill_rows=self.chance.choice([12, 80, 5000]))

    def employ(self, place: Place, hardware: Hardware) -> Staff:
        """Put a device up and somebody at it."""
        name = hardware.name
        line = Line(
            name,
            self.gateway,
            chance=Random(f"{self.seed}/{name}/line"),
            weather=lambda: self.weather,
            chronicle=self.chronicle,
            spawn=self.spawn,
        )
        machine = Machine(
            hardware,
            line=line,
            moment=self.shop.moment,
            chance=Random(f"{self.seed}/{name}/machine"),
            chronicle=self.chronicle,
        )
        machine.spawn = self.spawn
        machine.checked = self._look
        person = Person(
            user_id=self.shop.owner_id,
            location_id=self.shop.location_id,
            chance=Random(f"{self.seed}/{name}/person"),
            tag=name,
        )
        staff = Staff(machine, person, place.workspace, place.register_id)
        self.staff.append(staff)
        self.begin(self._keep_on(staff))
        self.begin(self._work(staff))
        return staff

    def _look(self, machine: Machine, what: str) -> None:
        try:
            self.judge.look(machine, what)
        except AssertionError:
            self.fail(f"at {machine.name}: {traceback.format_exc()}")
            raise

    async def _keep_on(self, staff: Staff) -> None:
        """Switch the device on whenever it is dark, and see to it when it needs a person."""
        machine = staff.machine
        while True:
            if machine.is_off and not staff.is_held:
                machine.boot()
                if machine.is_on:
                    machine.begin_exchange()
            await pass_time(self.chance.uniform(1.0, 30.0))
            if machine.is_on and machine.needs_pairing:
                await pass_time(self.chance.uniform(1.0, 300.0))
                await self._pair(staff)

    async def _pair(self, staff: Staff) -> None:
        machine = staff.machine
        if not machine.is_on:
            return
        if staff.code is None:
            staff.code = self._new_code(staff)
        is_new = staff.is_clone
        self.chronicle.note(machine.name, f"pairs with {staff.code}")
        if await machine.pair(staff.code, is_new_device=is_new):
            staff.is_clone = False
            staff.code = None
        elif machine.pairing_error.startswith("pairing_code"):
            staff.code = None

    def _new_code(self, staff: Staff) -> str:
        if staff.is_clone and staff.workspace is Workspace.KIOSK:
            staff.register_id = self.spare_registers.pop()
        location_id = None
        if staff.workspace is not Workspace.MERCHANT:
            location_id = self.shop.location_id
        return self.gateway.pairing_code(Claim(staff.workspace, location_id, staff.register_id))

    async def _work(self, staff: Staff) -> None:
        """Somebody's day at a device."""
        while True:
            await pass_time(self.chance.expovariate(1.0 / self.pace))
            if self.is_day and staff.machine.is_on:
                self.do_something(staff)

    def do_something(self, staff: Staff) -> None:
        """One errand, if there is one to be done."""
        machine, person = staff.machine, staff.person
        try:
            command = machine.read(lambda reader: self._errand(staff, reader))
            if command is None:
                return
            receipt = machine.submit(command, actor_id=person.user_id)
        except (Rejected, Unavailable, ProcessDied) as error:
            self.chronicle.note(machine.name, f"not done: {type(error).__name__} {error}")
            return
        self.chronicle.note(machine.name, f"{command.NAME} {receipt.seq} {receipt.numbers}")
        self.judge.printed(machine, command, receipt)

    def _errand(self, staff: Staff, reader: Reader) -> Command | None:
        register_id = staff.register_id
        if staff.workspace is Workspace.KIOSK and register_id is not None:
            register_id = staff.machine.bench.identity.register_id or register_id
        return next_errand(staff.person, reader, staff.workspace, register_id=register_id)

    # -- the end -----------------------------------------------------------------------------

    async def _pass(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.has_failed.wait()
        except TimeoutError:
            return
        raise StoryFailed(self.failure)

    async def _heal(self) -> None:
        """With nothing going wrong any more, all must come to rest by itself."""
        ends = self.shop.moment.seconds + HEALING_SECONDS
        while not all(self._is_at_rest(each.machine) for each in self.staff):
            if self.shop.moment.seconds > ends:
                raise StoryFailed(f"never comes to rest: {self._standings()}")
            await self._pass(10.0)

    def _is_at_rest(self, machine: Machine) -> bool:
        if not machine.is_on or machine.status.state is not SyncState.IDLE:
            return False
        standing = machine.bench.standing()
        return (
            standing.is_filled
            and standing.cursor == self.authority.head
            and machine.bench.journal.waiting().count == 0
        )

    def _standings(self) -> str:
        return "; ".join(
            f"{each.machine.name} {each.machine.status} head {self.authority.head}"
            for each in self.staff
        )

    async def end(self) -> None:
        """Send everybody home and close all files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in self.staff:
            each.machine.abandon()


class _Ears(logging.Handler):
    """Hears what the product calls an error of its own: none may happen, whatever the weather."""

    def __init__(self, story: Story) -> None:
        super().__init__(logging.ERROR)
        self._story = story

    def emit(self, record: logging.LogRecord) -> None:
        """The product logged an error."""
        told = record.getMessage()
        if told.startswith(_ALARM) or self._is_known_twice(record):
            return
        if record.name.startswith((*_OURS, "asyncio")):
            if record.exc_info:
                told += "\n" + "".join(traceback.format_exception(*record.exc_info))
            self._story.fail(f"the product logged an error: {told}")

    def _is_known_twice(self, record: logging.LogRecord) -> bool:
        """Whether a twin runs again what came down already, because its original sent it too."""
        error = None if record.exc_info is None else record.exc_info[1]
        if not isinstance(error, (sa.exc.IntegrityError, Bug)) or not isinstance(
            record.args, tuple
        ):
            return False
        return any(self._story.judge.has_run(str(arg)) for arg in record.args)


def tell(seed: int) -> Told:
    """Play the story of a seed. Raises StoryFailed with all that is needed to find out why."""
    shop, folder = the_shop(), fast_folder()
    shop.moment.seconds = 0.0
    try:
        with determined(f"story {seed}", shop.moment):
            shop.gateway.reset(shop.copy)
            return _played(seed, shop, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _played(seed: int, shop: Shop, folder: Path) -> Told:
    story = Story(seed, shop, folder)
    ears = _Ears(story)
    logging.getLogger().addHandler(ears)
    try:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(shop.moment)) as runner:
            try:
                runner.run(story.play())
            finally:
                runner.run(story.end())
    except (StoryFailed, AssertionError) as failure:
        raise StoryFailed(_report(story, failure)) from None
    finally:
        logging.getLogger().removeHandler(ears)
    return Told(
        seed,
        story.chronicle.steps,
        story.chronicle.hash,
        story.chronicle.faults,
        story.judge.outcomes,
        shop.moment.seconds / 60,
    )


def _report(story: Story, failure: BaseException) -> str:
    told = "".join(traceback.format_exception_only(failure)).strip()
    last = "\n".join(story.chronicle.last)
    return (
        f"seed {story.seed}, step {story.chronicle.steps}: {told}\n\n"
        f"what came before:\n{last}\n\nweather: {story.days_weather}\n"
        f"again: ./run soak --first {story.seed} --seeds 1"
    )
