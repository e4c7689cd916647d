"""Texts by key and figures by locale; all languages say the same things."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from desktop.ui import i18n
from shared.kernel.errors import Bug, Rejected

NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
_PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use(i18n.load("en", is_strict=True))


def areas_of(code: str) -> dict[str, dict[str, str]]:
    return {path.name: dict(i18n.read_area(path)) for path in i18n.areas(code)}


def plural_bases(keys: set[str]) -> set[str]:
    """Keys with plural forms: those whose `.other` stands beside another form."""
    return {
        key.removesuffix(".other")
        for key in keys
        if key.endswith(".other")
        and any(f"{key.removesuffix('.other')}.{form}" in keys for form in i18n.PLURALS[:-1])
    }


def params(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def meanings(texts: dict[str, str]) -> dict[str, set[str]]:
    """Key without its plural form -> the params its texts use."""
    bases = plural_bases(set(texts))
    found: dict[str, set[str]] = {}
    for key, text in texts.items():
        base = _PLURAL.sub("", key)
        name = base if base in bases else key
        found[name] = found.get(name, set()) | params(text)
    return found


@pytest.mark.parametrize("code", ["de", "ar"])
def test_every_language_has_the_same_areas_keys_and_params_as_english(code: str) -> None:
    english, other = areas_of("en"), areas_of(code)

    assert other.keys() == english.keys()
    for area, texts in english.items():
        assert meanings(other[area]) == meanings(texts), area


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_every_plural_has_all_forms_of_its_language(code: str) -> None:
    forms = set(Locale.parse(code).plural_form.tags) | {"other"}
    for area, texts in areas_of(code).items():
        for base in plural_bases(set(texts)):
            there = {form for form in i18n.PLURALS if f"{base}.{form}" in texts}
            assert there == forms, f"{area}: {base}"


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_no_text_is_empty_or_cannot_be_filled(code: str) -> None:
    for area, texts in areas_of(code).items():
        for key, text in texts.items():
            assert text.strip(), f"{area}: {key}"
            assert text.format_map(dict.fromkeys(params(text), "x")), f"{area}: {key}"


def test_missing_key_is_a_bug_in_tests_and_shown_as_itself_in_the_product() -> None:
    i18n.use(i18n.load("en", is_strict=True))
    with pytest.raises(Bug, match=r"no\.such\.key"):
        i18n.tr("no.such.key")

    i18n.use(i18n.load("en"))
    assert i18n.tr("no.such.key") == "no.such.key"


def test_missing_param_is_a_bug_in_tests() -> None:
    i18n.use(i18n.load("en", is_strict=True))

    with pytest.raises(Bug, match="cannot be filled"):
        i18n.tr("ui.tag.remove", other="x")


@pytest.mark.parametrize(
    ("code", "count", "text"),
    [
        ("en", 1, "1 row"),
        ("en", 1200, "1,200 rows"),
        ("de", 1, "1 Zeile"),
        ("de", 1200, "1.200 Zeilen"),
        ("ar", 2, "صفان"),
        ("ar", 3, "3 صفوف"),
        ("ar", 11, "11 صفًا"),
    ],
)
def test_plural_form_follows_the_count(code: str, count: int, text: str) -> None:
    i18n.use(i18n.load(code, is_strict=True))

    assert i18n.tr("ui.rows", count=count) == text


def test_names_in_right_to_left_sentences_are_isolated() -> None:
    i18n.use(i18n.load("ar", is_strict=True))

    assert "\u2068Tea\u2069" in i18n.tr("ui.tag.remove", word="Tea")


@pytest.mark.parametrize(
    ("code", "amount", "currency", "text"),
    [
        ("en", 123456, "EUR", "€1,234.56"),
        ("de", 123456, "EUR", "1.234,56\u00a0€"),
        ("en", -5, "EUR", "-€0.05"),
        ("en", 500, "JPY", "¥500"),
        ("en", 12345, "KWD", "KWD\u00a012.345"),
    ],
)
def test_money_is_written_from_minor_units(
    code: str, amount: int, currency: str, *, text: str
) -> None:
    i18n.use(i18n.load(code, is_strict=True))

    assert i18n.format_money(amount, currency) == text


def test_largest_amounts_are_exact() -> None:
    assert i18n.format_money(2**53 - 1, "EUR") == "€90,071,992,547,409.91"


def test_quantities_and_rates_follow_the_language() -> None:
    i18n.use(i18n.load("de", is_strict=True))

    assert i18n.format_qty(1250, 3, "kg") == "1,25\u202fkg"
    assert i18n.format_qty(12) == "12"
    assert i18n.format_percent(1950) == "19,5\u00a0%"
    assert i18n.parse_number("1.234,5") == Decimal("1234.5")
    assert i18n.parse_number("twelve") is None


def test_times_are_shown_in_the_zone_of_the_store() -> None:
    i18n.use(i18n.load("de", is_strict=True), ZoneInfo("Europe/Berlin"))

    assert i18n.format_date(NOW) == "05.03.2026"
    assert i18n.format_time(NOW) == "00:30"
    assert i18n.format_datetime(NOW) == "05.03.2026 00:30"
    assert i18n.format_date(date(2026, 3, 4)) == "04.03.2026"


def test_times_without_zone_are_a_bug() -> None:
    with pytest.raises(Bug, match="zone"):
        i18n.format_time(NOW.replace(tzinfo=None))


def test_relative_times_read_as_people_say_them() -> None:
    assert i18n.format_relative(NOW, NOW + timedelta(seconds=20)) == "just now"
    assert i18n.format_relative(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"


def test_error_text_has_its_cure() -> None:
    error = Rejected("image_too_large", megabytes=20)

    assert i18n.error_text(error) == "This picture is larger than 20 MB. Choose a smaller one."


def test_a_minus_stands_before_its_figures_where_words_run_from_right_to_left() -> None:
    i18n.use(i18n.load("ar", is_strict=True))

    written = [i18n.format_number(-4), i18n.format_qty(-1250, 3), i18n.format_percent(-1950)]
    assert [text.partition("-")[0] for text in written] == ["\u200e"] * 3
    assert "\u200e-4.00" in i18n.format_money(-400, "EUR")
    assert i18n.parse_number(i18n.format_number(-4)) == Decimal(-4)
    assert "\u200e" not in i18n.format_number(4)


def test_a_phone_number_is_read_from_left_to_right_everywhere() -> None:
    assert i18n.left_to_right("+49 30 5551") == "+49 30 5551"
    i18n.use(i18n.load("ar", is_strict=True))
    assert i18n.left_to_right("+49 30 5551") == "\u2066+49 30 5551\u2069"
    assert i18n.left_to_right("") == ""
