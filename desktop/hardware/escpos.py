"""Receipt lines as ESC/POS: native text, native QR code, cut and drawer pulse."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from shared.pos.layout import PaperLine, Style

if TYPE_CHECKING:
    from escpos.printer import Dummy

COLUMNS = 42
"""Characters in a line of an 80 mm printer in font A."""
_DRAWER_PIN = 2
_QR_SIZE = 6


def escpos_bytes(
    lines: Iterable[PaperLine], *, columns: int = COLUMNS, opens_drawer: bool = False
) -> bytes:
    """The bytes that print the lines and cut; a drawer opens before the paper moves.

    Without lines nothing is cut, so that a drawer alone wastes no paper.
    """
    printer: Dummy = _library().Dummy(profile="default")
    if opens_drawer:
        printer.cashdraw(_DRAWER_PIN)
    is_blank = True
    for line in lines:
        is_blank = False
        _draw(printer, line, columns)
    if not is_blank:
        printer.cut()
    return bytes(printer.output)


@cache
def _library() -> Any:  # noqa: ANN401 - a module
    """The library, loaded by the first print: that takes half a second which no start should."""
    return import_module("escpos.printer")


def _draw(printer: "Dummy", line: PaperLine, columns: int) -> None:
    if line.style is Style.RULE:
        printer.set(align="left", bold=False, normal_textsize=True)
        printer.text("-" * columns + "\n")
        return
    if line.style is Style.SPACE:
        printer.text("\n")
        return
    if line.style is Style.CODE:
        printer.set(align="center")
        printer.qr(line.left, native=True, size=_QR_SIZE)
        return
    is_large = line.style is Style.TITLE
    is_tall = line.style is Style.TOTAL
    is_strong = line.style in {Style.STRONG, Style.TITLE, Style.TOTAL}
    printer.set(
        align="center" if line.is_centred else "left",
        bold=is_strong,
        double_width=is_large,
        double_height=is_large or is_tall,
        normal_textsize=not (is_large or is_tall),
    )
    room = columns // 2 if is_large else columns
    for text in laid_out(line, room):
        printer.text(text + "\n")


def laid_out(line: PaperLine, columns: int) -> list[str]:
    """A line as rows of at most `columns` characters, the figure at the end of the last one."""
    left, right = _printable(line.left), _printable(line.right)
    rows = _wrapped(left, columns)
    if not right:
        return rows
    room = columns - len(right) - 1
    if len(rows[-1]) > room:
        rows = _wrapped(left, columns) if room <= 0 else _wrapped(left, room)
    last = rows[-1]
    if len(last) + 1 + len(right) > columns:
        return [*rows, right.rjust(columns)]
    return [*rows[:-1], last + right.rjust(columns - len(last))]


def _printable(text: str) -> str:
    """Composed characters and plain spaces: what code pages of printers know."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in composed)
    return spaced.replace("−", "-").replace("×", "x").replace("–", "-")


def _wrapped(text: str, columns: int) -> list[str]:
    rows = [""]
    indent = " " * (len(text) - len(text.lstrip(" ")))
    for word in text.split(" "):
        candidate = f"{rows[-1]} {word}" if rows[-1].strip() or word == "" else rows[-1] + word
        if len(candidate) <= columns:
            rows[-1] = candidate
            continue
        rest = word
        while rest:
            row = (indent + rest)[:columns]
            rows.append(row)
            rest = rest[len(row) - len(indent) :]
    return [row for row in rows if row.strip()] or [""]
