"""Cells become values: numbers, money, booleans, moments; exact, and refusing what is ambiguous."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.kernel.errors import Rejected
from shared.kernel.money import AMOUNT_LIMIT, CURRENCIES, currency_of, round_half_away
from shared.plugins.points.importer import DateOrder, DecimalMark

_SHOWN_CHARS = 40
_CACHE_LIMIT = 20_000
_PLAIN = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_SIGNED = re.compile(r"\((?P<bracketed>[^()]+)\)|(?P<before>[-+]?)(?P<bare>[^-+()]+)(?P<after>-?)")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{2,3})*[.,][0-9]{3}")
_GROUP_HEAD = re.compile(r"[1-9][0-9]{0,2}")
_THOUSANDS = 3
_SPACES = re.compile(r"(?<=[0-9])[\s\u00a0\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
_SIGN = r"([$£€¥₹₺₽₪₩₫₴₦₱฿]|(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z]))"
_CURRENCY_SIGN = re.compile(rf"(?<![0-9]){_SIGN}\s*|\s*{_SIGN}(?![0-9])")
_SIGN_MEANS = {
    "$": frozenset(
        "ARS AUD BBD BMD BND BSD BZD CAD CLP COP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD "
        "TTD TWD USD UYU XCD ZWG".split()
    ),
    "£": frozenset("GBP EGP FKP GIP LBP SDG SHP SYP".split()),
    "€": frozenset({"EUR"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₺": frozenset({"TRY"}),
    "₽": frozenset({"RUB"}),
    "₪": frozenset({"ILS"}),
    "₩": frozenset({"KRW", "KPW"}),
    "₫": frozenset({"VND"}),
    "₴": frozenset({"UAH"}),
    "₦": frozenset({"NGN"}),
    "₱": frozenset({"PHP"}),
    "฿": frozenset({"THB"}),
}
_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹\u066b", "01234567890123456789.", "\u066c")
_TRUE = frozenset("true t yes y 1 wahr ja vrai oui verdadero sí vero نعم صحيح صواب".split())
_FALSE = frozenset("false f no n 0 falsch nein faux non falso لا خطأ".split())
_NUMERIC_DATE = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[/.\-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:\.\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?",
    re.ASCII,
)
_NOON = 12
_CENTURY_TURN = 69
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


class Amount(NamedTuple):
    """Money as a cell has it: `exact` in major units; `minor` units, None where it is finer."""

    exact: Decimal
    minor: int | None


def shown(text: str) -> str:
    """A cell's text as it may be put into a message."""
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def at_column(error: Rejected, column: str) -> Rejected:
    """The same error, naming the column it was met in."""
    return Rejected(error.code, field=None, column=column, **error.params)


def boolean(text: str, *, blank: bool) -> bool:
    """A yes or no in the words of spreadsheets; `blank` stands for an empty cell.

    Raises Rejected("import_boolean_malformed").
    """
    word = text.strip().casefold()
    if not word:
        return blank
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Rejected("import_boolean_malformed", value=shown(text))


class NumberReader:
    """Reads the numbers of one file exactly; keeps the amounts it met, as prices come back often.

    `mark` is the decimal mark; the other of . and , groups thousands then. With None each number
    must tell by itself: 1.234,50 and 0,5 do; 1.234 does not and is refused. Spaces and apostrophes
    may group; -5, 5- and (5) are negative; a sign or code of `currency` may stand at either end.
    """

    def __init__(self, currency: str, mark: DecimalMark | None) -> None:
        self.exponent = currency_of(currency).exponent
        self._currency = currency
        self._mark = mark
        self._known: dict[str, Amount] = {}

    def money(self, text: str) -> Amount:
        """The money in a cell.

        Raises Rejected: import_price_malformed, import_price_currency, import_number_ambiguous,
        import_number_too_large.
        """
        found = self._known.get(text)
        if found is None:
            exact = self._read(self._without_currency(text), "import_price_malformed", text)
            found = Amount(exact, self.to_minor(exact))
            if len(self._known) >= _CACHE_LIMIT:
                self._known.clear()
            self._known[text] = found
        return found

    def whole(self, text: str) -> int:
        """A count, also when written 12.0 or 1,200.

        Raises Rejected: import_quantity_malformed, import_number_ambiguous.
        """
        if _WHOLE.fullmatch(text):
            return int(text)
        found = self._read(text, "import_quantity_malformed", text)
        if found != found.to_integral_value():
            raise Rejected("import_quantity_malformed", value=shown(text))
        return int(found)

    def decimal(self, text: str) -> Decimal:
        """Any other number. Raises Rejected: import_number_malformed, import_number_ambiguous."""
        return self._read(text, "import_number_malformed", text)

    def to_minor(self, exact: Decimal) -> int | None:
        """The same in minor units, None where it has a finer part.

        Raises Rejected("import_number_too_large").
        """
        minor = exact.scaleb(self.exponent)
        if abs(minor) >= AMOUNT_LIMIT:
            raise Rejected("import_number_too_large", value=shown(str(exact)))
        return int(minor) if minor == minor.to_integral_value() else None

    def to_rounded_minor(self, exact: Decimal) -> int:
        """In minor units, halves away from zero. Raises Rejected("import_number_too_large")."""
        found = self.to_minor(exact)
        if found is not None:
            return found
        numerator, denominator = exact.as_integer_ratio()
        return round_half_away(numerator * 10**self.exponent, denominator)

    def _read(self, number: str, code: str, text: str) -> Decimal:
        """Read `number`; refused with `code`, showing the cell's whole `text`."""
        if _PLAIN.fullmatch(number) and (self._mark == "." or "." not in number):
            return Decimal(number)
        digits = number.translate(_ARABIC_DIGITS).strip().replace("\u2212", "-")
        signed = _SIGNED.fullmatch(digits)
        if signed is None:
            raise Rejected(code, value=shown(text))
        bare = _SPACES.sub("", (signed["bracketed"] or signed["bare"]).strip())
        plain = self._ungrouped(bare, text)
        if plain is None or not _PLAIN.fullmatch(plain):
            raise Rejected(code, value=shown(text))
        is_negative = signed["bracketed"] or signed["before"] == "-" or signed["after"]
        return -Decimal(plain) if is_negative else Decimal(plain)

    def _without_currency(self, text: str) -> str:
        """The text without a sign or code of the currency; any other word stays in."""
        found = _CURRENCY_SIGN.search(text)
        if found is None:
            return text
        sign = (found[1] or found[2]).upper()
        means = _SIGN_MEANS.get(sign, {sign} & CURRENCIES.keys())
        if not means:
            return text
        if self._currency not in means:
            raise Rejected("import_price_currency", value=shown(text), currency=self._currency)
        return text[: found.start()] + text[found.end() :]

    def _ungrouped(self, number: str, text: str) -> str | None:
        """The number with a point for its decimals and no grouping; None if it makes no sense."""
        mark = self._decimal_mark(number, text)
        whole, _, decimals = number.partition(mark) if mark else (number, "", "")
        if "," in whole or "." in whole:
            if not _GROUPED.fullmatch(whole) or len(set(whole) & {",", "."}) > 1:
                return None
            whole = whole.replace(",", "").replace(".", "")
        return f"{whole}.{decimals}" if decimals else whole

    def _decimal_mark(self, number: str, text: str) -> str | None:
        """Which of . and , stands before the decimals of this number, if any."""
        marks = [char for char in number if char in ".,"]
        if len(set(marks)) > 1:
            return marks[-1]
        if len(marks) != 1:
            return None
        head, tail = number.split(marks[0])
        if len(tail) != _THOUSANDS or not _GROUP_HEAD.fullmatch(head):
            return marks[0]
        if self._mark is None:
            raise Rejected("import_number_ambiguous", value=shown(text))
        return marks[0] if marks[0] == self._mark else None


class MomentReader:
    """Reads the dates of one file as aware UTC times.

    Takes ISO 8601 (2010-12-01 08:26, with or without an offset) and dates such as 12/1/10 8:26,
    in the order given; dates with points always have the day first. A time without an
    offset is local to `zone`; of one that comes twice when the clocks go back, the first is meant.
    Raises Rejected("import_zone_unknown") for a zone that is none.
    """

    def __init__(self, zone: str, order: DateOrder) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Rejected("import_zone_unknown", field="zone", zone=zone) from error
        self._is_month_first = order == "month_first"
        self._last = ("", datetime.fromtimestamp(0, UTC))

    def moment(self, text: str) -> datetime:
        """The moment in a cell. Raises Rejected("import_date_malformed")."""
        if text == self._last[0]:
            return self._last[1]
        try:
            local = self._numeric(text) or datetime.fromisoformat(text)
            if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
                raise Rejected("import_date_malformed", value=shown(text))
        except ValueError as error:
            raise Rejected("import_date_malformed", value=shown(text)) from error
        if local.tzinfo is None:
            local = local.replace(tzinfo=self._zone)
        found = local.astimezone(UTC)
        self._last = (text, found)
        return found

    def _numeric(self, text: str) -> datetime | None:
        """12/1/10 8:26 and the like; ValueError for a month 13, None for another shape."""
        found = _NUMERIC_DATE.fullmatch(text)
        if found is None:
            return None
        month, day = int(found["first"]), int(found["second"])
        if found["mark"] == "." or not self._is_month_first:
            month, day = day, month
        year, hour = int(found["year"]), int(found["hour"] or 0)
        if len(found["year"]) < len("2010"):
            year += 1900 if year >= _CENTURY_TURN else 2000
        if found["half"]:
            if not 1 <= hour <= _NOON:
                return None
            hour = hour % _NOON + (_NOON if found["half"] in "Pp" else 0)
        return datetime(
            year,
            month,
            day,
            hour,
            int(found["minute"] or 0),
            int(found["seconds"] or 0),
            tzinfo=self._zone,
        )
