"""The shop story: import, sell without a network, pick, reconnect, agree. ./run demo --story.

Three devices with their real windows, each in a process of its own, one server process and one
PostgreSQL. Prints what happened, writes pictures to demo-output/ and fails when anything disagrees.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tests.scenarios.actor import Player
from tests.scenarios.baskets import BASKETS, HEART, SCARCE, Basket
from tests.scenarios.seed import SEED, broken_list, money_of, rows_of
from tests.scenarios.stage import ROOT, Digests, Server, stage
from tests.support.cable import Cable

OUTPUT = ROOT / "demo-output"
CASHIER = ("Casey Moss", "2222")
SUPERVISOR = ["Sam Reed", "3333"]
LANTERN = "9521001400022"
WEB = ("W-1001", "W-1002")
CALLER = {
    "customer": "Bashir Al-Khalil",
    "address": {
        "Street and number": "4 Mill Lane",
        "City": "Leeds",
        "Postcode": "LS1 4DY",
        "Country (two letters)": "GB",
    },
}
"""Who orders by telephone; labels as the form of an address shows them."""
_CASH_FLOAT = 10_000


class Disagreement(AssertionError):
    """Two places that should agree do not."""


@dataclass
class Log:
    """The table of what happened."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    say: Callable[[str], None] = print

    def note(self, step: str, what: str, figures: str) -> None:
        """Write one line of the table, at once."""
        self.rows.append((step, what, figures))
        self.say(f"  {step:<3} {what:<52} {figures}")

    def agree(self, step: str, what: str, *, found: object, expected: object) -> None:
        """Write a line when two things are equal. Raises Disagreement when they are not."""
        if found != expected:
            self.say(f"  {step:<3} {what:<52} {found!r} INSTEAD OF {expected!r}")
            raise Disagreement(f"{what}: {found!r} instead of {expected!r}")
        self.note(step, what, f"{found}"[:60])


class Story:
    """Plays the six parts in order; `shoot` writes pictures as it goes."""

    def __init__(self, server: Server, folder: Path, log: Log) -> None:
        self.server = server
        self.log = log
        self.folder = folder
        self.office = Player("office_actor", folder / "office")
        self.till = Player("till_actor", folder / "till")
        self.station = Player("station_actor", folder / "station")
        self.cables: dict[str, Cable] = {}
        self.takings = 0
        self.drawer = _CASH_FLOAT
        self.numbers: list[str] = []

    @property
    def players(self) -> dict[str, Player]:
        """The three devices by name."""
        return {"office": self.office, "till": self.till, "station": self.station}

    async def play(self) -> None:
        """All of it."""
        await self.import_everything()
        await self.pair_till_and_station()
        await self.sell_without_network()
        await self.work_meanwhile()
        await self.reconnect()
        await self.agree("6")
        await self.server_dies_in_a_push()
        await self.agree("7")
        for player in self.players.values():
            await player.switch_off()

    # -- 1

    async def import_everything(self) -> None:
        """The back office imports products and order history; the totals are the files' own."""
        self.office.power_on()
        await self._switch_on("office", "merchant", name="Olive Hart", pin="1111")
        await self._look_at_a_broken_list()
        for name, file, total in (
            ("products", "products.csv", money_of(SEED / "products.csv", "Price")),
            (
                "history",
                "invoice-lines.csv",
                money_of(SEED / "invoice-lines.csv", "UnitPrice", "Quantity"),
            ),
        ):
            await self._import(name, SEED / file, total)
        await self.office.tell("drained", patience=300)

    async def _look_at_a_broken_list(self) -> None:
        """A list with two rows that cannot be: both are shown with the reason, nothing changes."""
        path = self.folder / "list.csv"
        refused = broken_list(path)
        checked = await self.office.tell("check_file", path=str(path))
        await self._shoot("office", "1-refused-rows", both=True)
        found = [int(row) for row, reason in checked["refusals"] if reason]
        self.log.agree("1", "a broken list: refused rows", found=found, expected=refused)
        unsent = (await self.office.tell("standing"))["unsent"]
        self.log.agree("1", "a broken list: changes from looking", found=unsent, expected=0)

    async def _import(self, name: str, path: Path, total: Decimal) -> None:
        """Check a file in the wizard, look at what it shows, and apply it."""
        checked = await self.office.tell("check_file", path=str(path))
        await self._shoot("office", f"1-{name}-checked", both=name == "products")
        rows = checked["rows_accepted"] + checked["rows_refused"]
        self.log.agree("1", f"{name}: rows told of", found=rows, expected=rows_of(path))
        self.log.agree(
            "1",
            f"{name}: refused rows listed with a reason",
            found=sum(bool(row and reason) for row, reason in checked["refusals"]),
            expected=checked["rows_refused"],
        )
        applied = await self.office.tell("apply_file")
        await self._shoot("office", f"1-{name}-applied", both=name == "products")
        for key, what in (("source_total", "money of the file"), ("imported_total", "taken over")):
            found = Decimal(applied[key])
            self.log.agree("1", f"{name}: {what}", found=found, expected=total)

    # -- 2

    async def pair_till_and_station(self) -> None:
        """Till and station start from the server's rows."""
        self.till.power_on()
        self.station.power_on()
        await self._switch_on("till", "kiosk")
        await self._switch_on("station", "fulfillment", name="Pia Stone", pin="4444")
        for name in ("till", "station"):
            await self.players[name].tell("drained")
        await self._compare("2", "till", "station")
        await self.till.tell("sign_in", name=CASHIER[0], pin=CASHIER[1])

    # -- 3

    async def sell_without_network(self) -> None:
        """The till's cable is pulled; it sells, loses power in a payment, and sells on."""
        self.cables["till"].cut()
        await self.till.tell("open_shift", float=_CASH_FLOAT)
        await self._shoot("till", "3-till-ready")
        half = len(BASKETS) // 2
        for basket in BASKETS[:half]:
            await self._sell(basket)
        await self._lose_power_in_payment(BASKETS[half])
        for basket in BASKETS[half + 1 :]:
            await self._sell(basket)
        refund = await self.till.tell("refund", number=self.numbers[0])
        self.takings -= refund["amount"]
        self.drawer -= refund["amount"]
        self.numbers.append(refund["number"])
        found = (await self.till.tell("receipts"))["numbers"]
        expected = [f"K1-{place:06d}" for place in range(1, len(BASKETS) + 2)]
        self.log.agree(
            "3",
            "receipts without gap, none lost, none doubled",
            found=(len(found), found == expected),
            expected=(len(expected), True),
        )
        standing = await self.till.tell("standing")
        self.log.note("3", "unsent at the till", f"{standing['unsent']} commands")
        await self._shoot("till", "3-till-offline")

    async def _sell(self, basket: Basket) -> None:
        await self.till.tell("scan", codes=basket.codes)
        if basket.percent:
            await self.till.tell("discount", percent=basket.percent, approver=SUPERVISOR)
        paid = await self.till.tell("pay", card=basket.card, is_exact=basket.is_exact)
        self.takings += paid["total"]
        self.drawer += paid["cash"]
        self.numbers.append(paid["number"])

    async def _lose_power_in_payment(self, basket: Basket) -> None:
        await self.till.tell("scan", codes=basket.codes)
        total = (await self.till.tell("cart"))["total"]
        await self.till.tell("pay", dies=True)
        self.till.kill()
        self.till.power_on()
        await self.till.tell("switch_on")
        await self.till.tell("sign_in", name=CASHIER[0], pin=CASHIER[1])
        numbers = (await self.till.tell("receipts"))["numbers"]
        cart = await self.till.tell("cart")
        is_booked = len(numbers) == len(self.numbers) + 1
        where = "booked" if is_booked else "still in the cart"
        self.log.note("3", "power lost in the middle of a payment", f"the sale is {where}")
        places = [is_booked, cart["lines"] > 0]
        self.log.agree("3", "places where that sale is", found=places.count(True), expected=1)
        if not is_booked:
            await self.till.tell("pay")
        numbers = (await self.till.tell("receipts"))["numbers"]
        self.takings += total
        self.drawer += total
        self.numbers.append(numbers[-1])

    # -- 4

    async def work_meanwhile(self) -> None:
        """The back office changes prices and stock; the station works without a network, too."""
        both: list[list[object]] = [[HEART, 2], [LANTERN, 1]]
        one: list[list[object]] = [[LANTERN, 1]]
        await self.office.tell("web_order", number="W-1001", customer="Ann Önd", lines=both)
        await self.office.tell(
            "web_order", number="W-1002", customer="Jo Price", lines=[[LANTERN, 2]]
        )
        called = (await self.office.tell("take_order", lines=one, **CALLER))["number"]
        await self._shoot("office", "4-order-by-telephone")
        queue = sorted((await self.station.tell("queue", count=3))["numbers"])
        expected = [called, "W-1001", "W-1002"]
        self.log.agree("4", "orders to be packed", found=queue, expected=expected)
        self.cables["station"].cut()
        price = await self.office.tell("price", code=HEART, amount=349)
        self.log.agree("4", "a price changed on its page", found=price["amount"], expected=349)
        counted = await self.office.tell("count", code=SCARCE, qty=0)
        self.log.agree("4", "a shelf counted to", found=counted["on_hand"], expected=0)
        await self._shoot("office", "4-counted")
        await self._ship("W-1001", both, short=0, tracking="RM100200300GB")
        await self._ship("W-1002", one, short=1, tracking="RM100200301GB")
        await self._ship(called, one, short=0, tracking="RM100200302GB")
        self.log.note("4", "packed without a network", f"W-1001, W-1002 one short, {called}")

    async def _ship(
        self, number: str, codes: list[list[object]], *, short: int, tracking: str
    ) -> None:
        await self.station.tell("open", number=number)
        await self.station.tell("pick", codes=codes, short=short)
        await self._shoot("station", f"4-pack-{number}" if number in WEB else "4-pack-telephone")
        await self.station.tell("pack", codes=codes)
        await self.station.tell("ship", carrier="Royal Mail", tracking=tracking)
        await self.station.tell("back")

    # -- 5

    async def reconnect(self) -> None:
        """Both cables are mended; everything drains, and one oversold case waits for a person."""
        for name in ("till", "station"):
            self.cables[name].mend()
        await self._drain()
        cases = await self.office.tell("cases")
        codes, oversold = cases["codes"], cases["codes"].count("stock_oversold")
        self.log.note("5", "open cases", ", ".join(sorted(codes)))
        self.log.agree("5", "one sale was oversold", found=oversold, expected=1)
        self.log.agree("5", "cases in the inbox", found=len(cases["shown"]), expected=len(codes))
        stock = (await self.office.tell("stock", code=SCARCE))["on_hand"]
        self.log.agree("5", "none counted, one sold, one brought back", found=stock, expected=0)
        sales = await self.office.tell("sales")
        sold = [number for number in self.numbers if number != self.numbers[-1]]
        self.log.agree("5", "sales in the back office",
                       found=len(sales["numbers"]), expected=len(sold))  # fmt: skip
        price = (await self.office.tell("line_price", number="K1-000002"))["unit_price"]
        self.log.agree("5", "prices sold offline stand", found=price, expected=BASKETS[1].price)
        await self._settle("went out", open_before=len(codes))

    async def _settle(self, words: str, *, open_before: int) -> None:
        """The merchant opens the case that says so in the inbox, and settles it."""
        await self.office.tell("choose_case", words=words)
        await self._shoot("office", "5-inbox-before", both=True)
        settled = await self.office.tell("settle", note="Counted again")
        await self._shoot("office", "5-inbox-after", both=True)
        found = [len(settled["settled"]), len(settled["open"]), settled["note"]]
        expected = [1, open_before - 1, "Counted again"]
        self.log.agree("5", "a person settles one; left open, note", found=found, expected=expected)

    # -- 6 and 7

    async def agree(self, step: str) -> None:
        """Money, stock and row digests are equal on every device and in PostgreSQL."""
        await self._drain()
        for name, player in self.players.items():
            told = await player.tell("drained")
            self.log.agree(
                step, f"{name}: tables that differ", found=told["mismatches"], expected=0
            )
        await self._compare(step, *self.players)

    async def server_dies_in_a_push(self) -> None:
        """Ten more sales offline; the server is killed while they are pushed."""
        self.cables["till"].cut()
        for basket in BASKETS[:10]:
            await self._sell(basket)
        self.cables["till"].mend()
        await self.till.tell("hurry")
        self.server.kill()
        self.log.note("7", "server killed in the middle of a push", "kill -9")
        self.server.start()
        await self._drain()
        sales = await self.office.tell("sales")
        self.log.agree(
            "7",
            "sales after the server came back",
            found=len(sales["numbers"]),
            expected=len(BASKETS) + 10,
        )
        expected = self.takings
        z_report = await self.till.tell("close_shift", counted=self.drawer)
        kept = z_report["gross"] - z_report["refunded"]
        self.log.agree("7", "Z report: gross less refunds", found=kept, expected=expected)
        found = z_report["difference"]
        self.log.agree("7", "Z report: counted blind, differing by", found=found, expected=0)
        await self._shoot("till", "7-till-closed")

    async def _drain(self) -> None:
        """First everything goes up, then everybody has come to the server's last commit."""
        for player in self.players.values():
            await player.tell("drained")
        head = self.server.head()
        for player in self.players.values():
            await player.tell("drained", cursor=head)

    async def _compare(self, step: str, *names: str) -> None:
        """Every (scope, table) that a device holds must be the server's, to the bit."""
        theirs = self.server.digests()
        for name in names:
            ours = await self.players[name].digests()
            expected: Digests = {place: theirs.get(place, (0, 0)) for place in ours}
            differing = sorted(place for place in ours if ours[place] != expected[place])
            rows = sum(count for count, _ in ours.values())
            what = f"{name}: {rows} rows equal PostgreSQL's, differing"
            self.log.agree(step, what, found=differing, expected=[])

    async def _switch_on(self, device: str, workspace: str, **told: str) -> None:
        cable = self.cables[device]
        code = self.server.codes[workspace]
        await self.players[device].tell("switch_on", url=cable.url, code=code, **told)

    async def _shoot(self, name: str, picture: str, *, both: bool = False) -> None:
        """Photograph a window, where said in light and dark."""
        OUTPUT.mkdir(exist_ok=True)
        dark = str(OUTPUT / f"{picture}-dark.png") if both else ""
        await self.players[name].tell("shot", path=str(OUTPUT / f"{picture}.png"), dark=dark)


def tell(log: Log | None = None) -> None:
    """Play the story on a stage of its own. Raises Disagreement or what went wrong."""
    log = log or Log()
    with ExitStack() as stack:
        server = stack.enter_context(stage())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pycommerce-story-")))
        server.open_shop()
        story = Story(server, folder, log)
        for player in story.players.values():
            stack.callback(player.close)
        for name in story.players:
            story.cables[name] = stack.enter_context(Cable(server.port))
        asyncio.run(story.play())


def main() -> int:
    """Play it for somebody who watches the terminal."""
    sys.stdout.write("A shop, a till without a network, a station, one server.\n\n")
    try:
        tell()
    except Disagreement as error:
        sys.stdout.write(f"\nSOMETHING DISAGREES: {error}\n")
        return 1
    sys.stdout.write(f"\nEverything agrees. Pictures: {OUTPUT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
