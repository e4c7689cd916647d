"""An event loop without a clock: when all wait, its time jumps to the next thing due."""

import asyncio
from typing import Any

from tests.faults.simulation.chance import Moment


class EverybodyWaits(Exception):
    """Nothing is due and nothing can happen any more; the simulation has come to a dead end."""


class _Sleep:
    """Takes the place of a selector: nothing ever comes from outside."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let the time pass that the loop would sleep."""
        if timeout is None:
            raise EverybodyWaits
        self._moment.seconds += timeout
        return []

    def close(self) -> None:
        """Nothing is open."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs coroutines in one thread and in one order, in no time at all."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment
        self._selector = _Sleep(moment)

    def time(self) -> float:
        """Seconds since the opening."""
        return self._moment.seconds

    def _process_events(self, event_list: list[Any]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """There is no other thread that would have to wake this one."""


async def pass_time(seconds: float) -> None:
    """Go on so many seconds of the shop's time later."""
    loop = asyncio.get_running_loop()
    come: asyncio.Future[None] = loop.create_future()
    handle = loop.call_later(seconds, _let_come, come)
    try:
        await come
    finally:
        handle.cancel()


def _let_come(moment: asyncio.Future[None]) -> None:
    if not moment.done():
        moment.set_result(None)
