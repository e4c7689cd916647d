"""What happened to imports."""

from dataclasses import dataclass

from shared.kernel.ids import ImportId
from shared.kernel.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUndone(Event):
    """A run is being undone; every slice that took part brings its rows back."""

    import_id: ImportId
