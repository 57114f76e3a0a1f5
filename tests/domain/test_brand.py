"""A brand: its colours can be read in both themes, and what is wrong is told with what to do."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.brand import (
    COLOUR,
    COLOUR_DARK,
    DARK_GROUND,
    LEAST_CONTRAST,
    LIGHT_GROUND,
    Brand,
    contrast,
    dark_theme,
    fault_in_colour,
    fault_in_logo,
    fault_in_name,
    fault_in_prefix,
    light_theme,
    readable,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def png(width: int, height: int, more: int = 100) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\0" * more


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1


def test_firstlines_own_colours_pass() -> None:
    assert fault_in_colour(COLOUR, dark=False) == ""
    assert fault_in_colour(COLOUR_DARK, dark=True) == ""
    assert (Brand().light, Brand().dark) == (COLOUR, COLOUR_DARK)


@pytest.mark.parametrize(
    ("colour", "dark", "ground"), [("#ff8800", False, "#ecebe5"), ("#003366", True, "#232c31")]
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(
    colour: str, dark: bool, ground: str
) -> None:
    fault = fault_in_colour(colour, dark=dark)
    assert colour in fault
    assert ground in fault
    assert "4.5:1 (WCAG AA)" in fault
    assert fault_in_colour(fault.split()[-1], dark=dark) == ""


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "#1234567", "0f766e"])
def test_what_is_no_colour_is_told(colour: str) -> None:
    assert "six hexadecimal digits" in fault_in_colour(colour, dark=False)


@given(COLOURS)
def test_whatever_the_colour_all_that_is_made_of_it_can_be_read(colour: str) -> None:
    light = readable(colour, LIGHT_GROUND)
    brand = Brand(colour=light)  # the dark one follows from it
    for theme, ground in ((light_theme(brand), LIGHT_GROUND), (dark_theme(brand), DARK_GROUND)):
        pairs = [
            (theme["accent"], ground),
            (theme["accent-strong"], ground),
            (theme["accent"], theme["accent-wash"]),
            (theme["accent-ink"], theme["accent"]),
            (theme["mine-ink"], theme["mine"]),
        ]
        for ink, paper in pairs:
            assert contrast(ink, paper) >= LEAST_CONTRAST, (ink, paper, theme)


def test_a_logo_is_a_square_png_of_the_size_that_slack_takes() -> None:
    assert fault_in_logo(png(512, 512)) == fault_in_logo(png(2000, 2000)) == ""
    assert "512 x 500 pixels; make it square" in fault_in_logo(png(512, 500))
    assert "192 x 192" in fault_in_logo(png(192, 192))
    assert "is no PNG" in fault_in_logo(b"<svg/>" * 20)
    assert "is no PNG" in fault_in_logo(png(512, 512)[:20])
    assert "1000 kB" in fault_in_logo(png(512, 512, 1_000_000))


@pytest.mark.parametrize("name", ["", "   ", "x" * 31, "a\nb", "{a}", "<b>"])
def test_a_name_fits_everywhere(name: str) -> None:
    assert "1 to 30 characters" in fault_in_name(name)
    assert fault_in_name("Soporte de Aldgate") == ""


@pytest.mark.parametrize("prefix", ["h", "help", "H", "1T", "ABCDEFGHIJK", "IT-"])
def test_a_prefix_is_capital_letters_and_digits(prefix: str) -> None:
    assert "capital letters" in fault_in_prefix(prefix)
    assert fault_in_prefix("IT2") == ""
