"""The one style sheet of the program, generated from the tokens of the theme."""

from string import Template

from desktop.ui.resources import resource_path
from desktop.ui.tokens import Colours, Density

_TEMPLATE = "kit.qss"


def build(colours: Colours, density: Density) -> str:
    """Fill the style sheet template with the tokens; every `$name` must be a token."""
    tokens: dict[str, str] = {
        name: str(getattr(colours, name))
        for name in colours.__slots__
        if isinstance(getattr(colours, name), str)
    }
    for name in ("neutral", "accent_tone", "ok", "warn", "danger"):
        tone = getattr(colours, name)
        tokens |= {f"{name}_{part}": getattr(tone, part) for part in ("text", "soft", "solid")}
    tokens |= _sizes(density)
    mode = "dark" if colours.canvas.startswith("#0") else "light"
    tokens["images"] = resource_path("themes", mode).as_posix()
    template = resource_path("themes", _TEMPLATE).read_text(encoding="utf-8")
    return Template(template).substitute(tokens)


def _sizes(density: Density) -> dict[str, str]:
    scale = density.type
    pad = 8 if density.name == "office" else 12
    pad_button = {"office": 12, "station": 16, "till": 20}[density.name]
    check = {"office": 16, "station": 20, "till": 24}[density.name]
    sizes = {
        "control": density.control,
        "control_inner": density.control - 2,
        "control_ring": density.control - 4,
        "control_small": density.control_small,
        "control_small_ring": density.control_small - 4,
        "control_small_inner": density.control_small - 2,
        "pad": pad,
        "pad_ring": pad - 1,
        "pad_choice": pad + 2,
        "pad_button": pad_button,
        "pad_button_ring": pad_button - 1,
        "radius": density.radius,
        "radius_small": density.radius - 2,
        "radius_card": density.radius_card,
        "radius_sheet": density.radius_sheet,
        "small": scale.small,
        "base": scale.base,
        "heading": scale.heading,
        "title": scale.title,
        "display": scale.display,
        "row": density.row,
        "icon": density.icon,
        "drop": density.icon + 12,
        "check": check,
        "check_inner": check - 2,
        "check_dot": check // 4 * 2,
        "check_ring": (check - check // 4 * 2) // 2,
        "check_round": check // 2,
        "scroll": {"office": 10, "station": 12, "till": 16}[density.name],
        "scroll_radius": {"office": 3, "station": 4, "till": 6}[density.name],
    }
    return {name: str(size) for name, size in sizes.items()}
