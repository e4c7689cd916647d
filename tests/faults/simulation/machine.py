"""A device: its real files, workbench, HTTP client and course, in a process that may die."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar, cast

import sqlalchemy as sa

from desktop.breath import Breath
from desktop.database import Durability, open_engine
from desktop.enrolment import Pairing, enrol
from desktop.files import Keys, ProfileFiles
from desktop.secrets import DeviceKey, SecretStore
from desktop.settings import Profile
from desktop.sync.course import Course
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Tempo
from desktop.work import SOON, Work
from desktop.workbench import Receipt, Workbench
from shared.kernel.errors import CodedError, Unavailable
from shared.kernel.messages import Command
from shared.storage.changes import ChangeSet
from shared.storage.reader import Reader
from shared.sync.endpoint import FORKED, REVOKED
from tests.faults.simulation.chance import Moment, WrongClock
from tests.faults.simulation.chronicle import Chronicle
from tests.faults.simulation.disk import Camera
from tests.faults.simulation.line import Line
from tests.faults.simulation.virtual_loop import pass_time

T = TypeVar("T")
SERVER_URL = "https://shop.test"


_TO_BE_PAIRED = frozenset({FORKED, REVOKED, "device_unknown", "token_refused"})


class ProcessDied(Exception):
    """The device went dark in the middle of what it was told to do."""


@dataclass(frozen=True)
class KeptKey:
    """A secret store with one device key in it."""

    raw: bytes
    is_strong: bool = True

    def get(self, name: str) -> bytes | None:
        """The key, whatever it is called."""
        del name
        return self.raw

    def put(self, name: str, value: bytes) -> None:
        """Nothing is ever made anew."""
        raise AssertionError(name, value)


@dataclass(frozen=True)
class Hardware:
    """What a device is made of."""

    name: str
    folder: Path
    keys: Keys
    key: bytes
    tempo: Tempo


class _Unhurried(Breath):
    """Takes no rest: nobody else needs the processor here."""

    def __call__(self) -> None:
        """Go on."""


class Machine:
    """One device with its power switch."""

    def __init__(
        self,
        hardware: Hardware,
        *,
        line: Line,
        moment: Moment,
        chance: Random,
        chronicle: Chronicle,
    ) -> None:
        self.hardware = hardware
        self.name = hardware.name
        self.line = line
        self.clock = WrongClock(moment)
        self.chronicle = chronicle
        self.status = SyncStatus()
        self.pairing_error = ""
        self.checked: Callable[[Machine, str], None] = lambda _machine, _what: None
        self.spawn: Callable[..., asyncio.Task[None]] | None = None
        self.device_key = DeviceKey(cast("SecretStore", KeptKey(hardware.key)))
        self._chance = chance
        self._camera = Camera(hardware.folder)
        self._is_power_cut = False
        self._files: ProfileFiles | None = None
        self._bench: Workbench | None = None
        self._course: Course | None = None
        self._engine: asyncio.Task[None] | None = None
        self._death: asyncio.Task[None] | None = None

    # -- what others see ---------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether the program runs."""
        return self._bench is not None

    @property
    def is_off(self) -> bool:
        """Whether the program has ended and its files are closed."""
        return self._files is None

    @property
    def bench(self) -> Workbench:
        """The workbench of the running program."""
        assert self._bench is not None
        return self._bench

    @property
    def files(self) -> ProfileFiles:
        """The files of the running program."""
        assert self._files is not None
        return self._files

    @property
    def profile(self) -> Profile:
        """Where its files lie."""
        return Profile(self.hardware.folder)

    def read(self, query: Callable[[Reader], T]) -> T:
        """Ask the replica something, as a screen does."""
        with self.files.replica.begin():
            return query(Reader(self.files.replica))

    # -- life --------------------------------------------------------------------------------

    def boot(self) -> None:
        """Start the program; whatever the disk holds, it must come up."""
        files = ProfileFiles(self.profile, self.hardware.keys, tap=self._camera)
        self._files = files
        self._bench = Workbench(files, clock=self.clock, listener=self)
        if self._bench.is_enrolled:
            self._bench.catch_up()
        if self._camera.is_done:
            self._go_dark()
            return
        self.chronicle.note(self.name, f"started, {self._bench.head.seq} commands")
        self.checked(self, "start")

    def begin_exchange(self) -> None:
        """Start the engine, as the program does once it is enrolled."""
        assert self.spawn is not None
        self._engine = self.spawn(self._exchange())

    async def _exchange(self) -> None:
        endpoint = HttpEndpoint(
            self.bench.identity, self.device_key, self.clock, transport=self.line
        )
        self._course = Course(
            cast("Work", self),
            endpoint,
            on_status=self._on_status,
            on_blob=set[str]().add,
            tempo=self.hardware.tempo,
            seed=self.name,
        )
        try:
            await self._course.run()
        finally:
            self._course = None
            await endpoint.close()

    def _on_status(self, status: SyncStatus) -> None:
        if status.state is not self.status.state:
            code = "" if status.error is None else status.error.code
            self.chronicle.note(self.name, f"{status.state} {code}".rstrip())
        self.status = status
        assert not status.mismatches, f"{self.name} differs from the server: {status.mismatches}"

    async def end_exchange(self) -> None:
        """Stop the engine."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.cancel()
            await asyncio.wait([engine])

    async def stop(self) -> None:
        """End the program in good order."""
        if self._bench is None:
            return
        await self.end_exchange()
        if self._bench is None:
            return
        self._bench.close()
        self._bench = self._files = None
        if self._camera.is_done:
            self._develop()
            return
        self._camera.forget()
        self.chronicle.note(self.name, "stopped")

    def arm(self, statements: int, *, is_power_cut: bool) -> None:
        """Let it die before that many further statements have run."""
        self._is_power_cut = is_power_cut
        self._camera.arm(statements)

    async def die(self) -> None:
        """Die now, if it has not yet."""
        if self._files is None:
            return
        self._camera.shoot()
        self._bench = None
        await self.end_exchange()
        files, self._files = self._files, None
        if files is not None:
            files.abandon()
            self._develop()

    def _develop(self) -> None:
        statement = " ".join(self._camera.statement.split())[:50]
        lost = self._camera.develop(self._chance, is_power_cut=self._is_power_cut)
        kind = "power cut" if self._is_power_cut else "kill"
        self.chronicle.note(self.name, f"dark: {kind} before {statement!r} {lost}".rstrip())

    # -- what the engine sees of the program (its `Work`) ------------------------------------

    async def ask(self, call: Callable[[Workbench], T], *, urgency: int = SOON) -> T:
        """Do something in the writer's turn."""
        del urgency
        await pass_time(self._chance.uniform(0.0, 0.02))
        if self._bench is None:
            raise Unavailable("closing")
        try:
            return self._in_one_step(call)
        except ProcessDied as death:
            raise Unavailable("closing") from death

    async def look(self, call: Callable[[sa.Connection, Breath], T]) -> T:
        """Read whole tables as they are at one moment."""
        await pass_time(self._chance.uniform(0.0, 0.2))
        if self._bench is None:
            raise Unavailable("closing")
        with self.files.replica.begin():
            return call(self.files.replica, _Unhurried())

    def _in_one_step(self, call: Callable[[Workbench], T]) -> T:
        bench = self.bench
        try:
            return call(bench)
        finally:
            if self._camera.is_done:
                # What the call gave never left the process: it was gone by then.
                self._go_dark()
                raise ProcessDied
            self.checked(self, "call")

    def _go_dark(self) -> None:
        assert self.spawn is not None
        self._camera.shoot()
        self._death = self.spawn(self.die())
        self._bench = None

    def rows_changed(self, changes: ChangeSet) -> None:
        """Screens would look again."""

    def journal_grew(self, last_seq: int) -> None:
        """There is something to send."""
        del last_seq
        if self._course is not None:
            self._course.wake_to_push()

    # -- what people do with it --------------------------------------------------------------

    def submit(self, command: Command, *, actor_id: str) -> Receipt:
        """Give a command in. Raises Rejected, or ProcessDied in the middle of it."""
        return self._in_one_step(lambda bench: bench.submit(command, actor_id=actor_id))

    async def pair(self, code: str, *, is_new_device: bool) -> bool:
        """Pair it anew, as a person does with a code; says whether that worked."""
        await self.end_exchange()
        self.status = SyncStatus()
        pairing = Pairing(
            server_url=SERVER_URL,
            pairing_code=code,
            name=self.name,
            client_version="1",
            is_new_device=is_new_device,
        )
        try:
            identity = await enrol(
                cast("Work", self),
                lambda url: HttpEnrolment(url, transport=self.line),
                self.device_key,
                pairing=pairing,
            )
        except CodedError as error:
            self.chronicle.note(self.name, f"not paired: {error}")
            self.pairing_error = error.code
            identity = None
        if identity is not None:
            self.chronicle.note(
                self.name, f"paired as {identity.device_id} life {identity.incarnation}"
            )
        if self._bench is not None:
            self.begin_exchange()
        return identity is not None

    @property
    def needs_pairing(self) -> bool:
        """Whether a person must pair it anew."""
        error = self.status.error
        return error is not None and error.code in _TO_BE_PAIRED

    def abandon(self) -> None:
        """Close what is open, in no order."""
        if self._files is not None:
            self._files.abandon()
            self._files = self._bench = None

    def journal_ids_on_disk(self) -> set[str]:
        """The commands in the journal's file, with the program ended."""
        engine = open_engine(self.profile.journal, self.hardware.keys.journal, Durability.FULL)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT cmd_id FROM command")
            return {str(row[0]) for row in found}
