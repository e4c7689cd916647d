"""A case's life: sold offline beyond stock, shown where it came about, settled there, gone."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.scenarios.baskets import SCARCE
from tests.scenarios.seed import SEED, money_of
from tests.scenarios.stage import stage
from tests.scenarios.story import CASHIER, SUPERVISOR, Log, Story
from tests.support.cable import Cable

NOTE = "One more lay in the window"


class CaseStory(Story):
    """Office, till and station with their real windows, as in the great story."""

    async def play(self) -> None:
        """All of it."""
        self.office.power_on()
        await self._switch_on("office", "merchant", name="Olive Hart", pin="1111")
        products = SEED / "products.csv"
        await self._import("products", products, money_of(products, "Price"))
        await self.office.tell("drained", patience=300)
        await self.pair_till_and_station()
        await self.sell_what_is_gone()
        await self.show_it_where_it_came_about()
        await self.settle_it_there()
        for player in self.players.values():
            await player.switch_off()

    async def sell_what_is_gone(self) -> None:
        """While the till is alone, the back office finds that none is left, and the till sells."""
        self.cables["till"].cut()
        await self.till.tell("open_shift", float=10_000)
        counted = await self.office.tell("count", code=SCARCE, qty=0)
        self.log.agree("3", "the shelf counted to", found=counted["on_hand"], expected=0)
        await self.till.tell("scan", codes=[[SCARCE, 1]])
        await self.till.tell("pay", is_exact=True)
        alone = await self.till.tell("cases")
        self.log.agree("3", "cases at the till before", found=alone["shown"], expected=[])
        page = (await self.till.tell("server_page"))["tiles"]
        self.log.agree("3", "the till says of its server", found=page["Server"], expected="Offline")
        unsent = page["Not yet sent"] != "0"
        self.log.agree("3", "and that something waits", found=unsent, expected=True)

    async def show_it_where_it_came_about(self) -> None:
        """The cable is mended: till, station and back office show the same case."""
        self.cables["till"].mend()
        await self._drain()
        at_till = await self.till.tell("cases")
        self.log.agree("5", "cases at the till", found=len(at_till["shown"]), expected=1)
        is_plain = "The sale counts and the money is right" in at_till["says"]
        self.log.agree("5", "in a cashier's words", found=is_plain, expected=True)
        self.log.agree("5", "the strip", found="To settle  1" in at_till["strip"], expected=True)
        at_table = (await self.station.tell("cases"))["shown"]
        self.log.agree("5", "at the packing table", found=at_table, expected=at_till["shown"])
        codes = (await self.office.tell("cases"))["codes"]
        self.log.agree("5", "in the back office", found=codes, expected=["stock_oversold"])
        page = (await self.till.tell("server_page"))["tiles"]
        found = [page["Server"], page["Agreement"], page["Not yet sent"], page["Still to come"]]
        expected = ["Connected", "Proved", "0", "0"]
        self.log.agree("5", "the till's page of its server", found=found, expected=expected)
        self.log.agree("5", "and how fast it was", found=page["Speed"] != "–", expected=True)

    async def settle_it_there(self) -> None:
        """Sam keys a PIN in at Casey's till; everywhere else the case is gone."""
        settled = await self.till.tell("settle_case", approver=SUPERVISOR, note=NOTE)
        is_empty = "Nothing needs you" in settled["says"]
        self.log.agree("6", "left at the till: nothing", found=is_empty, expected=True)
        self.log.agree("6", "still at work", found=settled["cashier"], expected=CASHIER[0])
        await self._drain()
        at_table = (await self.station.tell("cases"))["shown"]
        self.log.agree("6", "left at the packing table", found=at_table, expected=[])
        office = await self.office.tell("settled_cases")
        self.log.agree("6", "left in the back office", found=office["open"], expected=[])
        expected = [SUPERVISOR[0], "Put right", NOTE]
        self.log.agree("6", "settled by, as, with", found=office["latest"], expected=expected)
        await self.agree("6")


def tell(log: Log) -> None:
    """Play the story on a stage of its own. Raises Disagreement or what went wrong."""
    with ExitStack() as stack:
        server = stack.enter_context(stage())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pycommerce-story-")))
        server.open_shop()
        story = CaseStory(server, folder, log)
        for player in story.players.values():
            stack.callback(player.close)
        for name in story.players:
            story.cables[name] = stack.enter_context(Cable(server.port))
        asyncio.run(story.play())
