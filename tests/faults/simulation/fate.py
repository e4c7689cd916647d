"""What befalls devices and the server from outside, as often as the day has it."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from desktop.backups import restore_journal
from shared.kernel.errors import Unavailable
from tests.faults.simulation.chance import FARTHEST_CLOCK
from tests.faults.simulation.disk import photo
from tests.faults.simulation.gateway import Copy
from tests.faults.simulation.judge import journal_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.simulation.story import Staff, Story
from tests.faults.simulation.virtual_loop import pass_time

SLOTS = 14
"""Moments of a day at which something may strike."""
MOST_CLONES = 1


class Fate:
    """Strikes while the day lasts."""

    def __init__(self, story: "Story") -> None:
        self._story = story
        self._chance = Random(f"{story.seed}/fate")
        self._is_over = False
        self._under_way: list[asyncio.Task[None]] = []
        self._backup: Copy | None = None
        self._older: dict[str, tuple[Path, set[str]]] = {}
        self._clones = 0

    async def strike(self) -> None:
        """Go through the day."""
        story = self._story
        day = story.pace * story.errands_each
        kinds = {
            "outage": self._outage,
            "killed": self._kill,
            "power_cut": self._power_cut,
            "stopped": self._stop,
            "clock_jumped": self._jump,
            "cloned": self._clone,
            "put_back": self._put_back,
            "journal_put_back": self._journal_put_back,
            "server_restored": self._restore_server,
            "server_restarted": self._restart_server,
            "log_compacted": self._compact,
        }
        while True:
            await pass_time(self._chance.uniform(0.0, 2.0 * day / SLOTS))
            for name, strike in kinds.items():
                is_now = self._chance.random() < getattr(story.weather, name)
                if is_now and not self._is_over:
                    self._under_way.append(story.spawn(strike()))

    async def relent(self) -> None:
        """Strike no more, and wait for the end of what is under way."""
        self._is_over = True
        while any(not task.done() for task in self._under_way):
            await asyncio.wait(self._under_way)
        for each in self._story.staff:
            each.machine.line.is_cut = False
        self._story.gateway.is_up = True

    def _victim(self) -> "Staff | None":
        free = [each for each in self._story.staff if not each.is_held]
        return self._chance.choice(free) if free else None

    # -- devices -----------------------------------------------------------------------------

    async def _outage(self) -> None:
        staff = self._victim()
        if staff is not None:
            self._story.chronicle.fault("outage", staff.machine.name)
            staff.machine.line.is_cut = True
            await pass_time(self._chance.uniform(1.0, 3.0 * self._story.pace))
            staff.machine.line.is_cut = False

    async def _kill(self) -> None:
        await self._die(is_power_cut=False)

    async def _power_cut(self) -> None:
        await self._die(is_power_cut=True)

    async def _die(self, *, is_power_cut: bool) -> None:
        """Let a device die at a statement soon, or at once when it does nothing meanwhile."""
        staff = self._victim()
        if staff is None or not staff.machine.is_on:
            return
        machine = staff.machine
        kind = "power_cut" if is_power_cut else "killed"
        self._story.chronicle.fault(kind, machine.name)
        machine.arm(self._chance.randint(1, 120), is_power_cut=is_power_cut)
        await pass_time(self._chance.uniform(0.0, 2.0 * self._story.pace))
        await machine.die()

    async def _stop(self) -> None:
        staff = self._victim()
        if staff is not None and staff.machine.is_on:
            self._story.chronicle.fault("stopped", staff.machine.name)
            await staff.machine.stop()

    async def _jump(self) -> None:
        staff = self._victim()
        if staff is not None:
            share = self._chance.uniform(-1.0, 1.0) ** 3
            staff.machine.clock.error = timedelta(
                seconds=round(FARTHEST_CLOCK.total_seconds() * share)
            )
            self._story.chronicle.fault(
                "clock_jumped", staff.machine.name, str(staff.machine.clock.error)
            )

    async def _clone(self) -> None:
        """Somebody copies a running device's files to a second machine and starts both."""
        staff, story = self._victim(), self._story
        if staff is None or not staff.machine.is_on or self._clones == MOST_CLONES:
            return
        self._clones += 1
        name = f"{staff.machine.name}-TWIN"
        folder = story.folder / name
        photo(staff.machine.hardware.folder, folder)
        story.chronicle.fault("cloned", staff.machine.name)
        place = next(each for each in story.shop.places if each.hardware.name == staff.machine.name)
        twin = story.employ(place, replace(staff.machine.hardware, name=name, folder=folder))
        twin.is_clone = True
        story.judge.is_copied(staff.machine, twin.machine)

    async def _put_back(self) -> None:
        """A device gets an older image of its disk; the first strike only makes the image."""
        staff, story = self._victim(), self._story
        if staff is None or not staff.machine.is_on or staff.is_clone:
            return
        machine = staff.machine
        older = self._older.pop(machine.name, None)
        if older is None:
            image = story.folder / f"{machine.name}-image"
            photo(machine.hardware.folder, image)
            self._older[machine.name] = (image, journal_ids(machine))
            return
        staff.is_held = True
        await machine.stop()
        await machine.die()
        image, kept = older
        shutil.rmtree(machine.hardware.folder)
        image.rename(machine.hardware.folder)
        story.judge.excuse(machine, kept)
        story.chronicle.fault("put_back", machine.name)
        staff.is_held = False

    async def _journal_put_back(self) -> None:
        """A person restores the journal from the copy that the program keeps."""
        staff, story = self._victim(), self._story
        if staff is None or not staff.machine.is_on or staff.is_clone:
            return
        machine = staff.machine
        staff.is_held = True
        await machine.stop()
        await machine.die()
        try:
            restore_journal(machine.profile)
        except Unavailable as error:
            story.chronicle.note(machine.name, f"journal not put back: {error}")
        else:
            story.chronicle.fault("journal_put_back", machine.name)
            story.judge.excuse(machine, machine.journal_ids_on_disk())
        staff.is_held = False

    # -- the server --------------------------------------------------------------------------

    async def _restart_server(self) -> None:
        self._story.chronicle.fault("server_restarted", "SERVER")
        self._story.gateway.go_down()
        await self._story.bring_up(self._chance.uniform(0.5, 60.0))

    async def _compact(self) -> None:
        """The log is made short up to anywhere, much sooner than any shop would."""
        authority = self._story.authority
        await pass_time(self._chance.uniform(0.0, 1.0))
        behind = self._chance.choice([0, 1, 3, 10, 30])
        removed = authority.compact(max(0, authority.head.seq - behind))
        self._story.chronicle.fault("log_compacted", "SERVER", f"{removed} rows")

    async def _restore_server(self) -> None:
        """Last night's backup takes the server's place; the first strike only makes it."""
        story = self._story
        if self._backup is None:
            self._backup = story.gateway.copy()
            story.chronicle.note("SERVER", "backed up")
            return
        backup, self._backup = self._backup, None
        story.gateway.go_down()
        await pass_time(self._chance.uniform(1.0, 60.0))
        story.gateway.become(backup, is_restore=True)
        story.judge.start_over()
        story.chronicle.fault("server_restored", "SERVER", str(story.authority.head))
        story.gateway.is_up = True
