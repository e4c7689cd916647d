"""Descriptions: plain words for people, HTML in the books, and nothing lost between the two."""

import html
import re
from dataclasses import dataclass

_PLAIN_TAGS = re.compile(r"</?p>|<br\s*/?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_BREAKS = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\s*</p>\s*(?:<p>\s*)?|\s*<p>\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Description:
    """What stands in the editor; `is_html` where it has more than paragraphs and line breaks."""

    text: str
    is_html: bool


def read(description_html: str) -> Description:
    """The words of a description, or its HTML where words alone would lose something."""
    if _ANY_TAG.search(_PLAIN_TAGS.sub("", description_html)):
        return Description(description_html, is_html=True)
    text = _PARAGRAPHS.sub("\n\n", _BREAKS.sub("\n", description_html))
    return Description(html.unescape(text).strip(), is_html=False)


def write(text: str, *, is_html: bool) -> str:
    """The HTML of what stands in the editor."""
    if is_html:
        return text
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in parts)
