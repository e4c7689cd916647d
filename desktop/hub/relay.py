"""Handing over to the server what neighbours could not send themselves."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from desktop.database import storage_errors
from desktop.work import Work
from desktop.workbench import Workbench
from shared.kernel.errors import Rejected, Unavailable
from shared.sync.endpoint import SyncEndpoint
from shared.sync.neighbours import read_acked
from shared.sync.protocol.hub import Life, SignedCommands
from shared.sync.protocol.relay import RelayRequest, RelayState
from shared.sync.protocol.version import PROTOCOL_VERSION

_log = logging.getLogger(__name__)


class Relay:
    """Brings copies to the server whose owner does not get through; on one event loop.

    Each is given `after` seconds to be sent by its owner, and as many again for as long as the
    owner gets on. After a failure the next attempt comes `retry` seconds later. `on_change` is
    called when copies may have gone.
    """

    def __init__(
        self,
        work: Work,
        endpoint: Callable[[], SyncEndpoint],
        *,
        after: float,
        retry: float,
        on_change: Callable[[], None],
    ) -> None:
        self._work = work
        self._make_endpoint = endpoint
        self._after = after
        self._retry = retry
        self._on_change = on_change
        self._keeps = asyncio.Event()
        self._keeps.set()
        self._relayed: dict[Life, int] = {}
        self._reached: dict[Life, int] = {}

    def keeps(self) -> None:
        """There are copies."""
        self._keeps.set()

    async def run(self) -> None:
        """Go on until cancelled."""
        endpoint = self._make_endpoint()
        try:
            while True:
                await self._keeps.wait()
                await asyncio.sleep(self._after)
                self._keeps.clear()
                try:
                    await self._relay_all(endpoint)
                except Unavailable as error:
                    _log.info("nothing can be relayed now: %s", error)
                    self._keeps.set()
                    await asyncio.sleep(self._retry)
                self._on_change()
        finally:
            await endpoint.close()

    async def _relay_all(self, endpoint: SyncEndpoint) -> None:
        for life, reached in (await self._work.ask(_reached)).items():
            if reached != self._reached.get(life):
                # Its owner gets through by itself, or has not had its time.
                self._reached[life] = reached
                self._keeps.set()
                continue
            try:
                await self._relay_life(endpoint, life)
            except Rejected as refusal:
                _log.warning("copies of %s are not taken by the server: %s", life, refusal)

    async def _relay_life(self, endpoint: SyncEndpoint, life: Life) -> None:
        while True:
            after = self._relayed.get(life, 0)
            batch = await self._work.ask(partial(_batch, life=life, after=after))
            if batch is None:
                break
            reply = await endpoint.relay(
                RelayRequest(
                    protocol=PROTOCOL_VERSION,
                    device_id=life.device_id,
                    incarnation=life.incarnation,
                    commands=batch.commands,
                    signature=batch.signature,
                )
            )
            if reply.state is RelayState.GAP:
                # What is missing is with its owner alone, who will bring all of it.
                return
            self._relayed[life] = batch.commands[-1].seq
            if reply.state is RelayState.CONFLICT:
                _log.error("the server keeps copies of %s for people", life)
                await self._work.ask(partial(_forget, life=life, upto=self._relayed[life]))
        upto = self._relayed.get(life, 0)
        await self._work.ask(partial(_forget_past_life, life=life, upto=upto))


def _batch(bench: Workbench, life: Life, after: int) -> SignedCommands | None:
    return bench.files.keeping.batch(life, after=after)


def _reached(bench: Workbench) -> dict[Life, int]:
    """How far the server's rows contain each life of which copies are kept, as far as is known."""
    replica = bench.files.replica
    with storage_errors(), replica.begin():
        acked = read_acked(replica)
    return {life: acked.get(life.device_id, (0, 0))[1] for life in bench.files.keeping.held()}


def _forget(bench: Workbench, life: Life, upto: int) -> None:
    bench.files.keeping.forget(life, upto=upto)


def _forget_past_life(bench: Workbench, life: Life, upto: int) -> None:
    """Let go of what the server has of a life that is over; of others pages tell."""
    replica = bench.files.replica
    with storage_errors(), replica.begin():
        present, _seq = read_acked(replica).get(life.device_id, (0, 0))
    if present != life.incarnation:
        bench.files.keeping.forget(life, upto=upto)
