"""A till with a cashier and a supervisor, and what is written on it."""

from PySide6.QtWidgets import QLabel, QWidget

from shared.kernel.ids import UserId
from shared.kernel.permissions import Role
from shared.organization.commands import RegisterDevice, Workspace
from tests.desktop.workspaces.kiosk.at_counter import AtWindow, CounterMaker, add_staff

TEA, MUG = "4000000000017", "4000000000024"


class Staffed:
    """A till with a cashier and a supervisor; of tea the books have none."""

    def __init__(self, counter: CounterMaker) -> None:
        self.counter = counter
        with counter.seeding() as shop:
            shop.product("Tea", price_amount=349, barcode=TEA, sku="T-1")
            shop.product("Mug", price_amount=1299, barcode=MUG, sku="M-1", on_hand_qty=9)
            self.anna = add_staff(shop, "Anna", role=Role.CASHIER, pin="2468")
            self.sabine = add_staff(shop, "Sabine", role=Role.SUPERVISOR, pin="9999")
            shop.do(
                RegisterDevice(
                    device_id=shop.device_id,
                    name="Till by the door",
                    workspace=Workspace.KIOSK,
                    location_id=shop.location_id,
                    register_id=shop.register_id,
                )
            )

    async def selling(self, at: AtWindow, user_id: UserId, pin: str) -> None:
        """Somebody at work with an open shift."""
        await at.begin()
        await at.gate.sign_in(user_id, pin)
        await at.ui.settle()
        at.counter.shift.open(10_000)
        await at.ui.settle()

    async def oversold(self, at: AtWindow) -> None:
        """Anna has sold tea of which the books had none."""
        await self.selling(at, self.anna, "2468")
        await at.sell_for_cash(TEA)
        at.counter.tender.dismiss()
        await at.ui.settle()


def words_on(root: QWidget) -> str:
    """Everything written on a part of the window."""
    return "\n".join(label.text() for label in root.findChildren(QLabel) if label.isVisibleTo(root))
