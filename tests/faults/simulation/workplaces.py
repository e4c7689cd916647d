"""What somebody does next, by the workspace they work at."""

from shared.kernel.ids import RegisterId
from shared.kernel.messages import Command
from shared.organization.commands import Workspace
from shared.storage.reader import Reader
from tests.faults.simulation.errands import Person
from tests.faults.simulation.office_errands import in_the_office
from tests.faults.simulation.station_errands import at_the_station
from tests.faults.simulation.till_errands import at_the_till


def next_errand(
    person: Person, reader: Reader, workspace: Workspace, *, register_id: RegisterId | None
) -> Command | None:
    """The next thing to do; None when there is nothing. A till without a register is an office."""
    if workspace is Workspace.KIOSK and register_id is not None:
        return at_the_till(person, reader, register_id)
    if workspace is Workspace.FULFILLMENT:
        return at_the_station(person, reader)
    return in_the_office(person, reader)
