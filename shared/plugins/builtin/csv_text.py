"""From bytes to text: which encoding a CSV file has, decided on the bytes seen while it streams."""

import codecs
import re

from shared.kernel.errors import Rejected

DAMAGE = re.compile("[\ud800-\udfff]")
"""What bytes that fit no character become; such text must not be taken over."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII_PAIRS = 4


class TextDecoder:
    """Decodes the blocks of one file; `encoding` is what it found.

    1. A byte order mark settles it: UTF-8 or UTF-16. So does a zero in every second byte at the
       start (UTF-16 without a mark).
    2. Else, as long as only ASCII was seen, nothing needs deciding.
    3. The first block with other bytes decides for the whole file: UTF-8 if it explains at least
       as many of them as it does not, else Windows-1252, the usual alternative in exports.
    4. Later bytes that fit no character of the chosen encoding become lone surrogates (`DAMAGE`);
       their row is refused, the file goes on.

    A forced encoding skips all of that but the mark. Raises Rejected("import_encoding_unknown")
    for a name that is none. `needs_checking` turns true for good with the first damage or NUL.
    """

    def __init__(self, forced: str | None = None) -> None:
        self.encoding = "ascii"
        self.needs_checking = False
        self._held = b""
        self._is_first = True
        self._decoder: codecs.IncrementalDecoder | None = None
        if forced is not None:
            self._decoder = self._choose(forced)

    def decode(self, block: bytes) -> str:
        """The text of the next block; an empty block ends the file."""
        text = self._text(block)
        if not self.needs_checking and (
            "\x00" in text or (not text.isascii() and DAMAGE.search(text))
        ):
            self.needs_checking = True
        return text

    def _text(self, block: bytes) -> str:
        is_last = not block
        if self._is_first:
            self._is_first = False
            block = self._skip_mark(block)
        if self._decoder is None:
            block, self._held = self._held + block, b""
            if block.isascii():
                return block.decode("ascii")
            encoding = _likely_encoding(block, is_last=is_last)
            if encoding is None:
                self._held = block
                return ""
            self._decoder = self._choose(encoding)
        try:
            return self._decoder.decode(block, final=is_last)
        except UnicodeDecodeError:
            # UTF-16 cut in the middle of a character: the only thing its decoder cannot pass on.
            return "\udcff"

    def _skip_mark(self, block: bytes) -> bytes:
        for mark, encoding in _MARKS:
            if block.startswith(mark):
                self._decoder = self._choose(encoding)
                return block[len(mark) :]
        start = block[: 2 * _ASCII_PAIRS]
        even, odd = start[::2], start[1::2]
        if self._decoder is None and len(odd) == _ASCII_PAIRS:
            if all(even) and not any(odd):
                self._decoder = self._choose("utf-16-le")
            elif all(odd) and not any(even):
                self._decoder = self._choose("utf-16-be")
        return block

    def _choose(self, encoding: str) -> codecs.IncrementalDecoder:
        errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
        try:
            b"a".decode(encoding, "replace")
            decoder = codecs.getincrementaldecoder(encoding)(errors)
        except (LookupError, ValueError) as error:
            raise Rejected("import_encoding_unknown", encoding=encoding) from error
        self.encoding = encoding
        return decoder


def _likely_encoding(block: bytes, *, is_last: bool) -> str | None:
    """UTF-8 or Windows-1252, by which explains more; None when the block ends too soon to tell."""
    trial = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = trial.decode(block, final=is_last)
    broken = len(DAMAGE.findall(text))
    sound = sum(char > "\x7f" for char in text) - broken
    if not broken and not sound:
        return None
    return "utf-8" if sound >= broken else "cp1252"
