"""Versions of one thing: what tells them apart, and which one a reply names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.variants import find_distinguishing_words, find_named_title

VPN = ("Fix the VPN on Windows", "Fix the VPN on a Mac", "Fix the VPN on Linux")


@pytest.mark.parametrize(
    ("titles", "labels"),
    [
        (VPN, ("Windows", "Mac", "Linux")),
        (("Correo en el móvil con Android", "Correo en el móvil con un iPhone"), ("Android", "iPhone")),
        (("VPN for Windows", "VPN for macOS"), ("Windows", "macOS")),
        (("Windows: install the printer", "macOS: install the printer"), ("Windows", "macOS")),
        (("Set up Outlook 2019 on your laptop", "Set up Outlook 365 on your laptop"), ("2019", "365")),
        (("Instalar Git (Windows 11)", "Instalar Git (Ubuntu Linux)"), ("Windows 11", "Ubuntu Linux")),
        (("Fix sound in Slack huddles", "Fix sound and microphone in Teams"), None),
        (("Fix the VPN on Windows", "Fix the Wi-Fi connection"), None),
        (("Fix the VPN", "Fix the VPN on Windows"), None),
        (("Reset a password", "Order a badge"), None),
        (("the same", "the same"), None),
        (("Fix the VPN on Windows",), None),
        (("", "?"), None),
    ],
)
def test_titles_are_told_apart_where_they_differ_in_a_word(
    titles: tuple[str, ...], labels: tuple[str, ...] | None
) -> None:
    assert labels == find_distinguishing_words(titles)


@pytest.mark.parametrize(
    ("reply", "index"),
    [
        ("macos", 1),
        ("MAC", 1),
        ("the mac one please", 1),
        ("it's the windows laptop", 0),
        ("I'm on Linux", 2),
        ("es un mac", 1),
        ("uso windows", 0),
        ("linúx", 2),
        ("win", 0),
        ("windows or mac", None),
        ("the vpn", None),
        ("no", None),
        ("", None),
        ("outlook on windows crashes when I print", None),
    ],
)
def test_a_reply_names_one_of_several(reply: str, index: int | None) -> None:
    assert index == find_named_title(reply, VPN)


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=4))
def test_anything_may_be_a_title_or_a_reply(reply: str, titles: list[str]) -> None:
    labels = find_distinguishing_words(tuple(titles))
    assert labels is None or (len(labels) == len(titles) and all(labels))
    index = find_named_title(reply, titles)
    assert index is None or 0 <= index < len(titles)
