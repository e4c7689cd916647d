"""One device's part in sharing within the store: it listens, seeks the hub, passes things on."""
# long: lines come and go at any moment; what each event does to them must be read as a whole

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from desktop.hub.finder import Finder, Spot, hub_name
from desktop.hub.line import Line
from desktop.hub.relay import Relay
from desktop.hub.shelf_talk import ShelfTalk
from desktop.hub.tls import Neighbour, contexts
from desktop.hub.trust import Trust, name_of
from desktop.journal import Identity
from desktop.secrets import DeviceKey
from desktop.sync.engine import Host
from desktop.sync.sync_status import StoreShare
from desktop.work import BEHIND, Work
from desktop.workbench import Workbench
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.kernel.ids import LocationId
from shared.kernel.messages import Envelope
from shared.storage.reader import Reader
from shared.sync.endpoint import SyncEndpoint
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.hub import (
    HUB_VERSION,
    HeldUpTo,
    HubMessage,
    Life,
    SignedCommands,
)
from shared.sync.protocol.push import MAX_BYTES, MAX_COMMANDS
from shared.sync.protocol.relay import signed_head

_log = logging.getLogger(__name__)
STRANGER = "device_not_of_store"
"""Unavailable: who called is of another store, or may not work for the shop any more."""
_PAPERS = "hub_papers"
"""The note in the journal that keeps certificate and authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubTempo:
    """How long a device waits, in seconds.

    `share_after` gives the server time to take a command first; `relay_after` gives its owner time
    to send it. `seek_again` is between two attempts to reach a hub, `retry` after a failure.
    """

    share_after: float = 0.3
    relay_after: float = 30.0
    seek_again: float = 5.0
    connect_within: float = 3.0
    retry: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a node is given: who this device is, and its ways to the server and the network.

    `folder` is where its key may lie for a moment; `host` what it listens on. `is_shared` says
    whether the setting of a location is on.
    """

    identity: Identity
    key: DeviceKey
    folder: Path
    finder: Callable[[], Finder]
    endpoint: Callable[[], SyncEndpoint]
    is_shared: Callable[[Reader, LocationId], bool]
    host: str | None = None


@dataclass(frozen=True, slots=True)
class _Papers:
    """What this device shows, and by what it knows others."""

    certificate: str
    trust: Trust


class _Attended:
    """A line and what went over it."""

    def __init__(self, line: Line, name: str, shelves: ShelfTalk, *, is_called: bool) -> None:
        self.line = line
        self.shelves = shelves
        self.is_called = is_called
        self.name = name
        self.has_heard_hello = False
        self.sent: dict[Life, int] = {}
        """How far each life has been sent to, or is held by, the other side."""
        self.wants = asyncio.Event()


class Node:
    """Shares for as long as its location's setting is on; everything happens on one event loop."""

    def __init__(
        self,
        work: Work,
        around: Surroundings,
        *,
        host: Host,
        tempo: HubTempo | None = None,
    ) -> None:
        self.status = StoreShare()
        self._work = work
        self._around = around
        self._host = host
        self._tempo = tempo or HubTempo()
        self._attended: set[_Attended] = set()
        self._held: dict[str, dict[Life, int]] = {}
        self._setting, self._found = asyncio.Event(), asyncio.Event()
        self._grew = asyncio.Event()
        self._pulled = asyncio.Event()
        self._relay = Relay(
            work,
            around.endpoint,
            after=self._tempo.relay_after,
            retry=self._tempo.retry,
            on_change=self._pulled.set,
        )
        self._setting.set()

    # -- what others tell --------------------------------------------------------------------

    def setting_changed(self) -> None:
        """The setting may be another one, or somebody was shut out."""
        self._setting.set()

    def journal_grew(self) -> None:
        """There is something to share."""
        self._grew.set()

    def shelf_changed(self) -> None:
        """Something was parked, or taken up, here or at a neighbour."""
        for attended in self._attended:
            attended.wants.set()

    def pulled(self) -> None:
        """The server's rows contain more, so that copies may have gone."""
        self._pulled.set()

    # -- on and off --------------------------------------------------------------------------

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._setting.wait()
            self._setting.clear()
            if not await self._is_on():
                # What neighbours have parked changes unseen from now on.
                await self._work.ask(lambda bench: bench.shelving.clear())
                continue
            try:
                await self._share()
            except* (CodedError, OSError) as errors:
                _log.warning("sharing within the store is interrupted: %s", errors.exceptions)
                await self._rest(self._tempo.retry)
            self._setting.set()

    async def _is_on(self) -> bool:
        here = self._around.identity.location_id
        if here is None:
            return False
        is_on = await self._work.fetch(self._around.is_shared, here)
        self._show(replace(self.status, is_on=is_on))
        return is_on

    async def _rest(self, seconds: float) -> None:
        """Wait, unless the setting changes."""
        try:
            async with asyncio.timeout(seconds):
                await self._setting.wait()
        except TimeoutError:
            return

    async def _share(self) -> None:
        """Listen, seek and share until the setting is off."""
        around, identity = self._around, self._around.identity
        papers = await self._papers()
        answering, calling = await asyncio.to_thread(contexts, around.key, papers, around.folder)
        mine = _Papers(papers.certificate, Trust(papers.authority))
        if await self._work.ask(_begins_to_show):
            # The server has not said yet how far the rows here contain what neighbours made.
            self._host.hurry_up()
        name = hub_name(identity.tenant_id, identity.device_id)
        finder = around.finder()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Here and not by the server: whoever is in the middle of it when sharing ends is
            # cancelled with this task, and leaves no open socket behind.
            if await self._is_secured(writer, answering):
                await self._attend(reader, writer, mine, is_called=False)

        # Of one family: with two, each would have a port of its own, and one is announced.
        server = await asyncio.start_server(answer, around.host, 0, family=socket.AF_INET)
        try:
            await finder.begin(name, server.sockets[0].getsockname()[1], on_change=self._found.set)
            async with asyncio.TaskGroup() as tasks:
                others = [
                    tasks.create_task(self._seek(finder, name, calling=calling, papers=mine)),
                    tasks.create_task(self._share_what_grows()),
                    tasks.create_task(self._count_after_pulls()),
                    tasks.create_task(self._relay.run()),
                ]
                await self._until_off()
                for each in others:
                    each.cancel()
        finally:
            server.close()
            for attended in tuple(self._attended):
                attended.line.close()
            await finder.end()
            await self._work.ask(_end_showing)
            self._show(StoreShare())

    async def _until_off(self) -> None:
        while True:
            await self._setting.wait()
            self._setting.clear()
            if not await self._is_on():
                return
            await self._drop_who_was_shut_out()

    async def _papers(self) -> CertificateReply:
        """This device's certificate; asked of the server once. Raises Rejected, Unavailable."""
        kept = await self._work.ask(lambda bench: bench.note(_PAPERS))
        identity = self._around.identity
        place = f"{identity.tenant_id}/{identity.location_id}/{identity.device_id}"
        if kept is not None and kept.startswith(place):
            return msgspec.json.decode(kept[len(place) :], type=CertificateReply)
        endpoint = self._around.endpoint()
        try:
            papers = await endpoint.certificate()
        finally:
            await endpoint.close()
        text = place + msgspec.json.encode(papers).decode()
        await self._work.ask(lambda bench: bench.set_note(_PAPERS, text))
        return papers

    # -- lines -------------------------------------------------------------------------------

    async def _seek(
        self,
        finder: Finder,
        mine: str,
        *,
        calling: ssl.SSLContext,
        papers: _Papers,
    ) -> None:
        """Keep a line to the lowest device in reach; with none below this one, it is the hub."""
        while True:
            self._found.clear()
            for _name, spot in sorted(
                (name, spot) for name, spot in finder.found.items() if name < mine
            ):
                line = await self._connected(spot, calling)
                # Somebody who does not speak with us is no hub for us.
                if line is not None and await self._attend(*line, papers, is_called=True):
                    break
            else:
                self._show(replace(self.status, is_hub=True))
            try:
                async with asyncio.timeout(self._tempo.seek_again):
                    await self._found.wait()
            except TimeoutError:
                continue

    async def _is_secured(self, writer: asyncio.StreamWriter, answering: ssl.SSLContext) -> bool:
        """Agree on TLS with whoever called; closes the line where that fails."""
        is_secured = False
        try:
            async with asyncio.timeout(self._tempo.connect_within):
                await writer.start_tls(answering)
            is_secured = True
        except (OSError, TimeoutError) as error:
            _log.info("somebody called who is no device of this shop: %s", error)
        finally:
            if not is_secured:
                writer.transport.abort()
        return is_secured

    async def _connected(
        self, spot: Spot, calling: ssl.SSLContext
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        try:
            async with asyncio.timeout(self._tempo.connect_within):
                return await asyncio.open_connection(*spot, ssl=calling)
        except (OSError, TimeoutError) as error:
            _log.info("no line to %s: %s", spot, error)
            return None

    async def _attend(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        papers: _Papers,
        *,
        is_called: bool,
    ) -> bool:
        """Speak with one neighbour until the line ends; whether they spoke with us."""
        attended: _Attended | None = None
        try:
            line = Line(reader, writer)
            name = await self._work.fetch(name_of, line.neighbour)
            if not self._is_of_this_store(line.neighbour) or name is None:
                raise Unavailable(STRANGER)
            shelves = ShelfTalk(self._work, line, self._around.identity.location_id)
            attended = _Attended(line, name, shelves, is_called=is_called)
            self._attended.add(attended)
            try:
                await self._converse(attended, papers)
            finally:
                self._attended.discard(attended)
                await self._count()
        except* (CodedError, OSError) as errors:
            _log.info("a line within the store has ended: %s", errors.exceptions)
        finally:
            writer.transport.abort()
        return attended is not None and attended.has_heard_hello

    async def _converse(self, attended: _Attended, papers: _Papers) -> None:
        held = await self._work.ask(_held)
        hello = HubMessage(
            version=HUB_VERSION,
            says_hello=True,
            held=tuple(HeldUpTo(life=life, seq=seq) for life, seq in held.items()),
        )
        await attended.line.send(hello)
        await self._count()

        async def heard(message: HubMessage) -> None:
            await self._hear(attended, message, papers.trust)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_for_ever(attended, papers))
            await attended.line.listen(heard)

    def _is_of_this_store(self, who: Neighbour) -> bool:
        identity = self._around.identity
        return (who.tenant_id, who.location_id) == (
            identity.tenant_id,
            identity.location_id,
        ) and who.device_id != identity.device_id

    async def _drop_who_was_shut_out(self) -> None:
        for attended in tuple(self._attended):
            if await self._work.fetch(name_of, attended.line.neighbour) is None:
                attended.line.close()

    # -- what comes --------------------------------------------------------------------------

    async def _hear(self, attended: _Attended, message: HubMessage, trust: Trust) -> None:
        for each in message.held:
            attended.sent[each.life] = max(each.seq, attended.sent.get(each.life, 0))
            theirs = self._held.setdefault(attended.line.neighbour.device_id, {})
            theirs[each.life] = max(each.seq, theirs.get(each.life, 0))
        if message.says_hello:
            attended.has_heard_hello = True
            if attended.is_called:
                self._show(replace(self.status, is_hub=False))
            attended.wants.set()
        await attended.shelves.hear(message)
        for shared in message.shared:
            await self._take(attended, shared, trust)
        await self._count()

    async def _take(self, attended: _Attended, shared: SignedCommands, trust: Trust) -> None:
        """Keep what came, say so, and let it go on to the others."""
        life = shared.life
        if life.device_id == self._around.identity.device_id:
            return
        try:
            trust.require_genuine(shared, of=attended.line.neighbour)
            fresh = await self._work.ask(lambda bench: bench.take_copies(shared), urgency=BEHIND)
        except Rejected as refusal:
            _log.warning("a copy from %s is not taken: %s", attended.line.neighbour, refusal)
            return
        last = shared.commands[-1].seq
        attended.sent[life] = max(last, attended.sent.get(life, 0))
        await attended.line.send(
            HubMessage(version=HUB_VERSION, held=(HeldUpTo(life=life, seq=last),))
        )
        self._relay.keeps()
        if fresh:
            for other in self._attended - {attended}:
                other.wants.set()

    # -- what goes ---------------------------------------------------------------------------

    async def _share_what_grows(self) -> None:
        while True:
            await self._grew.wait()
            await asyncio.sleep(self._tempo.share_after)
            self._grew.clear()
            for attended in self._attended:
                attended.wants.set()
            await self._count()

    async def _send_for_ever(self, attended: _Attended, papers: _Papers) -> None:
        while True:
            await attended.wants.wait()
            attended.wants.clear()
            if attended.has_heard_hello:
                await self._send_what_is_lacking(attended, papers)

    async def _send_what_is_lacking(self, attended: _Attended, papers: _Papers) -> None:
        await attended.shelves.send_news()
        mine = Life(self._around.identity.device_id, self._around.identity.incarnation)
        while own := await self._own(attended.sent.get(mine, 0), papers):
            await attended.line.send(HubMessage(version=HUB_VERSION, shared=(own,)))
            attended.sent[mine] = own.commands[-1].seq
        for life in await self._work.ask(_held):
            if life.device_id == attended.line.neighbour.device_id:
                continue
            while copies := await self._batch(life, attended.sent.get(life, 0)):
                await attended.line.send(HubMessage(version=HUB_VERSION, shared=(copies,)))
                attended.sent[life] = copies.commands[-1].seq

    async def _own(self, after: int, papers: _Papers) -> SignedCommands | None:
        """Own unsent commands behind a place, as many as one push takes, signed."""
        commands = await self._work.ask(lambda bench: _unsent(bench, after))
        if not commands:
            return None
        identity, last = self._around.identity, commands[-1]
        head = signed_head(
            identity.tenant_id,
            identity.device_id,
            incarnation=identity.incarnation,
            seq=last.seq,
            digest=last.digest(),
        )
        return SignedCommands(
            life=Life(identity.device_id, identity.incarnation),
            commands=tuple(commands),
            signature=self._around.key.sign(head),
            certificate=papers.certificate,
        )

    async def _batch(self, life: Life, after: int) -> SignedCommands | None:
        return await self._work.ask(lambda bench: bench.files.keeping.batch(life, after=after))

    # -- status ------------------------------------------------------------------------------

    async def _count_after_pulls(self) -> None:
        while True:
            await self._count()
            await self._pulled.wait()
            self._pulled.clear()

    async def _count(self) -> None:
        """Say how it stands."""
        mine = Life(self._around.identity.device_id, self._around.identity.incarnation)
        copied = max((held.get(mine, 0) for held in self._held.values()), default=0)
        unsent, uncopied, kept = await self._work.ask(lambda bench: _counts(bench, copied))
        self._show(
            replace(
                self.status,
                neighbours=tuple(sorted({each.name for each in self._attended})),
                unsent=unsent,
                uncopied=uncopied,
                kept=kept,
            )
        )

    def _show(self, status: StoreShare) -> None:
        if status != self.status:
            self.status = status
            self._host.show_store(status)


def _begins_to_show(bench: Workbench) -> bool:
    """Let pages tell of neighbours; whether they did not before."""
    did_show, bench.shows_neighbours = bench.shows_neighbours, True
    return not did_show


def _end_showing(bench: Workbench) -> None:
    """Pages need not tell of neighbours any more, unless something of theirs is kept here."""
    bench.shows_neighbours = bench.files.keeping.has_copies


def _held(bench: Workbench) -> dict[Life, int]:
    return bench.files.keeping.held()


def _unsent(bench: Workbench, after: int) -> list[Envelope]:
    """Commands behind a place that have no outcome, as many as one push takes."""
    first = bench.journal.first_unsent()
    if first is None:
        return []
    commands: list[Envelope] = []
    size = 0
    for entry in bench.journal.entries(after=max(after, first - 1), limit=MAX_COMMANDS):
        size += len(msgspec.json.encode(entry.envelope))
        if commands and size > MAX_BYTES:
            break
        commands.append(entry.envelope)
    return commands


def _counts(bench: Workbench, copied: int) -> tuple[int, int, int]:
    """Own unsent commands, those behind `copied`, and copies kept for others."""
    unsent = bench.journal.waiting().count
    uncopied = bench.journal.waiting(after=copied).count if unsent else 0
    return unsent, uncopied, bench.files.keeping.count()
