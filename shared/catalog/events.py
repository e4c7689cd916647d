"""What happened in the catalog."""

from dataclasses import dataclass

from shared.kernel.ids import ImportId, LocationId, VariantId
from shared.kernel.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeclared(Event):
    """A file said how much of a variant is on hand at a location."""

    import_id: ImportId
    variant_id: VariantId
    location_id: LocationId
    on_hand_qty: int
