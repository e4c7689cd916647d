"""What happened in the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.ids import ImportId, LocationId, VariantId
from shared.kernel.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeclared(Event):
    """A file said how much of some variants is on hand at a location."""

    import_id: ImportId
    location_id: LocationId
    on_hand_qty: Mapping[VariantId, int]
