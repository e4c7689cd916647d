"""What may be asked of pricing."""

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.messages import Command
from shared.kernel.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTaxRate(Command):
    """Add or change a tax rate; orders keep the rate they were placed with."""

    NAME: ClassVar[str] = "set_tax_rate"
    PERMISSION: ClassVar[Permission] = Permission.ORGANIZATION

    code: str
    name: str
    rate_ppm: int
