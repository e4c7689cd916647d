"""Words and figures for people: translations by key, and money, amounts, dates by locale."""

import logging
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from babel import Locale, dates, numbers

from desktop.ui.resources import resource_path
from shared.kernel.errors import Bug, CodedError
from shared.kernel.money import currency_of

DateStyle = Literal["short", "medium", "long", "full"]
LANGUAGES = ("en", "de", "ar")
PLURALS = ("zero", "one", "two", "few", "many", "other")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
# Keep a name that reads the other way from upsetting the order of the sentence around it.
_ISOLATE, _POP = "\u2068", "\u2069"
_LEFT_TO_RIGHT, _LEFT_MARK = "\u2066", "\u200e"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Language:
    """One language with all its texts."""

    code: str
    locale: Locale
    texts: Mapping[str, str]
    is_strict: bool = False

    @property
    def is_right_to_left(self) -> bool:
        """Say whether lines start at the right."""
        return self.code in _RIGHT_TO_LEFT


@dataclass(slots=True)
class _Active:
    language: Language = field(default_factory=lambda: load("en"))
    zone: tzinfo = UTC


@lru_cache(maxsize=1)
def _active() -> _Active:
    return _Active()


def load(code: str, *, is_strict: bool = False) -> Language:
    """Read all areas of a language; raises Bug for a broken or repeated key."""
    texts: dict[str, str] = {}
    for path in areas(code):
        for key, text in read_area(path):
            if key in texts:
                message = f"text {key!r} stands twice, the second time in {path.name}"
                raise Bug(message)
            texts[key] = text
    if not texts:
        message = f"there are no texts for {code!r}"
        raise Bug(message)
    return Language(code, Locale.parse(code), texts, is_strict)


def areas(code: str) -> list[Path]:
    """List the text files of a language."""
    return sorted(resource_path("translations", code).glob("*.toml"))


def read_area(path: Path) -> Iterator[tuple[str, str]]:
    """Give each (key, text) of one file."""
    for key, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if not isinstance(text, str):
            message = f"{path.name}: {key!r} must be one quoted, dotted key with a text"
            raise Bug(message)
        yield key, text


def use(language: Language, zone: tzinfo = UTC) -> None:
    """Make `language` and the store's time zone the ones in force."""
    _active().language = language
    _active().zone = zone
    _money.cache_clear()


def language() -> Language:
    """Give the language in force."""
    return _active().language


def tr(key: str, /, **params: str | int) -> str:
    """Give the text of a key. With `count` the right plural form is taken.

    A missing key raises Bug when the language is strict (tests); else the key itself is shown.
    """
    active = _active().language
    text = active.texts.get(key)
    if text is None and isinstance(count := params.get("count"), int):
        text = active.texts.get(f"{key}.{active.locale.plural_form(count)}")
    if text is None:
        return _missing(active, key, "missing")
    if not params:
        return text
    try:
        return text.format_map({name: _param(active, value) for name, value in params.items()})
    except (KeyError, IndexError, ValueError) as error:
        return _missing(active, key, f"cannot be filled: {error!r}")


def has_text(key: str) -> bool:
    """Say whether a key has a text."""
    return key in _active().language.texts


def error_text(error: CodedError) -> str:
    """Give the sentence for a rejection or an unavailability, with its cure where there is one."""
    text = tr(f"error.{error.code}", **error.params)
    cure = f"error.{error.code}.cure"
    return f"{text} {tr(cure, **error.params)}" if has_text(cure) else text


def _param(active: Language, value: str | int) -> str:
    if isinstance(value, int):
        return _signed(numbers.format_decimal(value, locale=active.locale), active.locale)
    return f"{_ISOLATE}{value}{_POP}" if active.is_right_to_left else value


def _missing(active: Language, key: str, why: str) -> str:
    message = f"text {key!r} ({active.code}) {why}"
    if active.is_strict:
        raise Bug(message)
    _log_once(message)
    return key


@lru_cache(maxsize=1024)
def _log_once(message: str) -> None:
    _log.error(message)


def format_money(amount: int, currency: str) -> str:
    """Give an amount in minor units as people write it, for example 1234 EUR as €12.34."""
    return _money(amount, currency, _active().language.locale)


def minor_digits(currency: str) -> int:
    """Give how many digits the minor unit of a currency has: EUR 2, JPY 0, KWD 3."""
    return currency_of(currency).exponent


def currency_sign(currency: str) -> str:
    """Give the sign of a currency, for example €."""
    return numbers.get_currency_symbol(currency, locale=_active().language.locale)


@lru_cache(maxsize=8192)
def _money(amount: int, currency: str, locale: Locale) -> str:
    digits = minor_digits(currency)
    pattern: str = locale.currency_formats["standard"].pattern
    if numbers.get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\u00a0#")
    written = numbers.format_currency(
        Decimal(amount).scaleb(-digits),
        currency,
        format=pattern.replace("0.00", "0" + ("." + "0" * digits if digits else "")),
        locale=locale,
        currency_digits=False,
    )
    return _signed(written, locale)


def _signed(written: str, locale: Locale) -> str:
    """Keep a minus before its figures where words run from right to left, as CLDR asks for."""
    is_mirrored = locale.text_direction == "rtl"
    return written.replace("-", f"{_LEFT_MARK}-") if is_mirrored else written


def left_to_right(text: str) -> str:
    """Give a text that every language reads from left to right, such as a phone number."""
    return f"{_LEFT_TO_RIGHT}{text}{_POP}" if language().is_right_to_left and text else text


def format_number(value: int | Decimal, *, decimals: int | None = None) -> str:
    """Give a number with this language's separators; `decimals` fixes the places."""
    locale = _active().language.locale
    if decimals is None:
        return _signed(numbers.format_decimal(value, locale=locale), locale)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return _signed(numbers.format_decimal(value, format=pattern, locale=locale), locale)


def format_qty(qty: int, digits: int = 0, unit: str = "") -> str:
    """Give a quantity in minor units of its unit of measure, for example 1250, 3, "kg"."""
    exact = Decimal(qty).scaleb(-digits)
    shown = format_number(exact if digits else qty)
    return f"{shown}\u202f{unit}" if unit else shown


def format_percent(basis_points: int) -> str:
    """Give a rate in hundredths of a percent, for example 1950 as 19.5 %."""
    rate = Decimal(basis_points).scaleb(-4)
    locale = _active().language.locale
    pattern: str = locale.percent_formats[None].pattern
    shown = numbers.format_percent(rate, format=pattern.replace("0", "0.##"), locale=locale)
    return _signed(shown, locale)


def format_date(day: date | datetime, style: DateStyle = "medium") -> str:
    """Give a day; a time is first brought to the store's zone."""
    shown = _local(day) if isinstance(day, datetime) else day
    return dates.format_date(shown, format=style, locale=_active().language.locale)


def format_time(at: datetime) -> str:
    """Give the time of day in the store's zone."""
    written = dates.format_time(_local(at), format="short", locale=_active().language.locale)
    # What belongs together stays in one line.
    return written.replace(" ", "\u00a0")


def format_datetime(at: datetime) -> str:
    """Give day and time in the store's zone."""
    return f"{format_date(at)} {format_time(at)}"


def format_relative(at: datetime, now: datetime) -> str:
    """Give how long ago `at` was, seen from `now`, for example "3 minutes ago"."""
    gap = at - now
    if abs(gap) < timedelta(seconds=45):
        return tr("ui.time.now")
    return dates.format_timedelta(gap, add_direction=True, locale=_active().language.locale)


def format_duration(seconds: int) -> str:
    """Give how long something takes, for example "2 minutes"."""
    return dates.format_timedelta(
        timedelta(seconds=seconds), threshold=1.2, locale=_active().language.locale
    )


def parse_number(text: str) -> Decimal | None:
    """Read a number as people of this language write it; None when it is not one."""
    plain = text.replace(_LEFT_MARK, "").strip()
    try:
        return numbers.parse_decimal(plain, locale=_active().language.locale, strict=True)
    except numbers.NumberFormatError:
        return None


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = "times must carry their zone"
        raise Bug(message)
    return at.astimezone(_active().zone)
