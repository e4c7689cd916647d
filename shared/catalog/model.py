"""Rules of the catalog: handles, titles of variants, what people search by."""

import re
import unicodedata
from collections.abc import Iterable

_NOT_IN_A_HANDLE = re.compile(r"[^\w]+", re.UNICODE)
MAX_TITLE_CHARS = 255


def handle_from(title: str) -> str:
    """A handle for an address bar: letters and digits in lower case with single hyphens."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    return _NOT_IN_A_HANDLE.sub("-", plain).strip("-_") or "product"


def variant_title(option_values: Iterable[str]) -> str:
    """What tells a variant from its siblings: "Red / L"; empty for an only variant."""
    values = [value for value in option_values if value and value != "Default Title"]
    return " / ".join(values)


def search_text(
    product_title: str, title: str, *, sku: str | None, barcodes: Iterable[str], vendor: str
) -> str:
    """The words by which people find a variant, in the order of their weight."""
    parts = (product_title, title, sku or "", *sorted(barcodes), vendor)
    return " ".join(part for part in parts if part)
