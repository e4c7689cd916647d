"""What the back office does, each thing as often as in a shop."""

from collections.abc import Callable

from shared.kernel.messages import Command
from shared.storage.reader import Reader
from tests.faults.simulation import errands
from tests.faults.simulation.errands import Person

_OFTEN: tuple[tuple[Callable[[Person, Reader], Command | None], int], ...] = (
    (errands.change_price, 5),
    (errands.adjust_stock, 4),
    (errands.count_stock, 3),
    (errands.create_product, 1),
    (errands.edit_product, 2),
    (errands.edit_products, 2),
    (errands.save_customer, 3),
    (errands.place_order, 5),
    (errands.note_order, 1),
    (errands.cancel_order, 1),
    (errands.take_payment, 2),
    (errands.import_batch, 3),
)


def in_the_office(person: Person, reader: Reader) -> Command | None:
    """The next thing somebody in the back office does."""
    kinds, weights = zip(*_OFTEN, strict=True)
    (errand,) = person.chance.choices(kinds, weights)
    made: Command | None = errand(person, reader)
    return made
