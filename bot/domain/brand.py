"""Brand of a help desk: its name, colours, logo and first words, and what is wrong with them."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_NAME = 30  # as Teams takes it
LEAST_CONTRAST = 4.5  # of text, by WCAG 2.2 AA
SMALLEST_LOGO, LARGEST_LOGO = 512, 2000  # pixels on a side, as Slack takes it
MOST_BYTES = 1_000_000  # of a logo
# The grounds on which links and buttons stand: of the light theme the darkest, of the dark one the lightest.
LIGHT_GROUND, DARK_GROUND = "#ecebe5", "#232c31"
WHITE, BLACK = "#ffffff", "#0b1211"
_DARK_PAGE = "#12171a"
COLOUR, COLOUR_DARK = "#0f766e", "#5eead4"  # of Firstline itself
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Brand:
    """Brand of a help desk; empty colours are Firstline's own, `logo` is a square PNG.

    `greeting` and `placeholder` are pairs of a language and its text.
    """

    name: str = "Firstline"
    colour: str = ""
    colour_dark: str = ""
    logo: bytes = field(default=b"", repr=False)
    ticket_prefix: str = "HELP"
    greeting: tuple[tuple[str, str], ...] = ()
    placeholder: tuple[tuple[str, str], ...] = ()

    @property
    def light(self) -> str:
        """Return the colour on light grounds."""
        return self.colour or COLOUR

    @property
    def dark(self) -> str:
        """Return the colour on dark grounds; where it is not given, the other one made light enough."""
        if self.colour_dark or not self.colour:
            return self.colour_dark or COLOUR_DARK
        return readable(self.colour, DARK_GROUND)

    @property
    def words(self) -> Mapping[str, str]:
        """Return what sentences name by these words in braces."""
        return {"brand": self.name, "prefix": self.ticket_prefix}


FIRSTLINE = Brand()


def fault_in_name(name: str) -> str:
    """Say what is wrong with a name; nothing where it is right."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or set("{}<>") & set(name):
        return f"must have 1 to {LONGEST_NAME} characters on one line, without braces and < >"
    return ""


def fault_in_prefix(prefix: str) -> str:
    """Say what is wrong with the prefix of tickets' numbers."""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", prefix):
        return "must be 2 to 10 capital letters and digits, a letter first, such as HELP or IT"
    return ""


def fault_in_colour(colour: str, *, dark: bool) -> str:
    """Say what is wrong with a colour: its form, or that text in it is hard to read on the page."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return "must be # and six hexadecimal digits, such as #0f766e"
    ground, theme = (DARK_GROUND, "dark") if dark else (LIGHT_GROUND, "light")
    reached = contrast(colour, ground)
    if reached >= LEAST_CONTRAST:
        return ""
    return (
        f"{colour} has a contrast of {reached:.2f}:1 on the {theme} theme's {ground}, and text needs "
        f"{LEAST_CONTRAST}:1 (WCAG AA); the nearest shade that has it is {readable(colour, ground)}"
    )


def fault_in_logo(content: bytes) -> str:
    """Say what is wrong with the file of a logo."""
    if len(content) > MOST_BYTES:
        return f"the file has more than {MOST_BYTES // 1000} kB; save it smaller"
    if not content.startswith(_PNG) or len(content) < 33:
        return "the file is no PNG; save the logo as PNG"
    width, height = struct.unpack(">II", content[16:24])
    if width != height or not SMALLEST_LOGO <= width <= LARGEST_LOGO:
        return (
            f"the logo has {width} x {height} pixels; make it square, with {SMALLEST_LOGO} to "
            f"{LARGEST_LOGO} on a side"
        )
    return ""


def light_theme(brand: Brand) -> dict[str, str]:
    """Return the brand's colours on light grounds, by what they are for."""
    return _theme(brand.light, WHITE, BLACK) | {"mine": brand.light, "mine-ink": _ink_on(brand.light)}


def dark_theme(brand: Brand) -> dict[str, str]:
    """Return the brand's colours on dark grounds, by what they are for."""
    mine = readable(brand.dark, WHITE, 7)
    return _theme(brand.dark, _DARK_PAGE, WHITE) | {"mine": mine, "mine-ink": WHITE}


def _theme(colour: str, page: str, strong: str) -> dict[str, str]:
    washes = [mix(page, colour, share / 100) for share in range(14, 0, -2)]
    # Links stand on the wash, too.
    wash = next((one for one in washes if contrast(colour, one) >= LEAST_CONTRAST), page)
    return {
        "accent": colour,
        "accent-strong": mix(colour, strong, 0.25),
        "accent-ink": _ink_on(colour),
        "accent-wash": wash,
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21, by WCAG."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Mix a colour with a share of another, from 0 to 1."""
    parts = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def readable(colour: str, ground: str, least: float = LEAST_CONTRAST) -> str:
    """Return the shade next to a colour that has this contrast on a ground."""
    end = BLACK if _luminance(ground) > 0.18 else WHITE
    shades = (mix(colour, end, step / 100) for step in range(101))
    return next((shade for shade in shades if contrast(shade, ground) >= least), end)


def _ink_on(ground: str) -> str:
    """Return the colour for text on a ground, black or white, whichever is read better."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, ground))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _channels(colour)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
