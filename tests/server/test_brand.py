"""One brand in all that people see: its settings, the page, the sentences, the numbers, both manifests."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from bot import wording
from bot.channels.slack import manifest as slack
from bot.channels.teams.manifest import package_files
from bot.channels.teams.package_rules import MANIFEST, faults_in_package
from bot.cli.operate.manifests import write_icon, write_teams
from bot.domain.brand import Brand
from bot.domain.conversations.commands import Command, parse_command
from bot.domain.tickets.ticket import HELP, format_reference, name_tickets, parse_ticket_id
from bot.server.settings import Settings, read
from tests.support.channels.page_site import serve

SETTINGS = {
    "FIRSTLINE_NAME": "Aldgate Desk",
    "FIRSTLINE_COLOUR": "#7a1fa2",
    "FIRSTLINE_TICKET_PREFIX": "IT2",
    "FIRSTLINE_GREETING_EN": "Good day! Ask us.",
    "FIRSTLINE_PLACEHOLDER_ES": "Pregunta algo",
}
APP_ID = "11111111-2222-3333-4444-555555555555"
URL = "https://help.example.com"


@pytest.fixture
def branded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    logo = tmp_path / "logo.png"
    Image.new("RGBA", (600, 600), "#7a1fa2").save(logo)
    for name, value in {**SETTINGS, "FIRSTLINE_LOGO": str(logo)}.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def _own_numbers() -> Iterator[None]:
    name_tickets("IT2")
    yield
    name_tickets(HELP)


def test_every_mistake_is_told_at_once_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = {
        "FIRSTLINE_NAME": "x" * 31,
        "FIRSTLINE_COLOUR": "#ffcc00",
        "FIRSTLINE_COLOUR_DARK": "#222222",
        "FIRSTLINE_TICKET_PREFIX": "it-",
        "FIRSTLINE_LOGO": str(tmp_path / "none.png"),
        "FIRSTLINE_GREETING_ES": "Hola {name}",
        "FIRSTLINE_PLACEHOLDER_EN": "one\ntwo",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    mistakes: list[str] = []
    assert read(Settings, mistakes) is None
    assert sorted(one.partition(":")[0] for one in mistakes) == sorted(wrong)
    assert any("none.png cannot be read" in one for one in mistakes)
    assert sum("WCAG AA" in one for one in mistakes) == 2


def test_empty_settings_are_firstlines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SETTINGS, "FIRSTLINE_LOGO"):
        monkeypatch.setenv(name, "")
    assert Settings().brand == Settings.model_construct().brand
    assert Settings().brand.name == "Firstline"


def test_sentences_are_in_the_words_of_the_brand(branded: Settings) -> None:
    words = wording.load(branded.brand)
    for greeting in (words.say("en", "talk.greeting"), words.say("en", "web.ask.empty.title", name="Ana")):
        assert greeting == "Good day! Ask us."
    assert words.say("es", "talk.greeting").startswith("¡Hola!")
    assert words.say("es", "web.ask.placeholder") == "Pregunta algo"
    for language in words.languages:
        assert "IT2-1042" in words.say(language, "talk.capabilities")
        said = [words.say(language, key) for key in words.keys(language)]
        assert [text for text in said if "{brand}" in text or "{prefix}" in text or "HELP-" in text] == []
        assert "Aldgate Desk" in words.say(language, "web.about.title")
    assert "HELP-1042" in wording.load().say("en", "talk.capabilities")


@pytest.mark.usefixtures("_own_numbers")
def test_tickets_have_the_prefix_and_the_one_before_is_understood() -> None:
    assert format_reference(1) == "IT2-1001"
    for text in ("IT2-1001", "it2 1001", "#1001", "1001", "HELP-1001", "help1001", "IT21001"):
        assert parse_ticket_id(text) == 1, text
    assert parse_ticket_id("VPN-1001") is None
    for text in ("cancel IT2-1001", "cancel my ticket help-1001", "cancel it2 1001 please", "close #1001"):
        assert parse_command(text) is not None, text
        assert parse_command(text).command is Command.CANCEL  # type: ignore[union-attr]
        assert parse_command(text).ticket_id == 1  # type: ignore[union-attr]
    assert parse_command("cancel meeting 1001") is None


async def test_the_page_is_in_the_brand(branded: Settings) -> None:
    brand = branded.brand
    site = await serve(brand=brand, wording=wording.load(brand))
    try:
        html = await site.text("/")
        assert "Firstline" not in html
        assert "Aldgate Desk</h1>" in html
        sheet = html.partition("brand.css")[2].partition('"')[0]
        css = await site.text(f"/web/static/brand.css{sheet}")
        assert "--accent:#7a1fa2" in css
        assert "prefers-color-scheme: dark" in css
        async with site.client.get("/web/static/logo.png") as response:
            assert response.content_type == "image/png"
            assert await response.read() == brand.logo
        assert 'src="/web/static/logo.png?' in html
        assert "#7a1fa2" in await site.text("/web/static/mark.svg")
    finally:
        await site.client.close()


async def test_without_a_brand_there_is_no_other_sheet_and_no_logo() -> None:
    site = await serve()
    try:
        html = await site.text("/")
        assert "brand.css" not in html
        assert "Firstline</h1>" in html
        async with site.client.get("/web/static/logo.png") as response:
            assert response.status == 404
    finally:
        await site.client.close()


def test_slacks_manifest_has_name_and_colour(branded: Settings) -> None:
    made = slack.manifest(URL, socket_mode=False, brand=branded.brand)
    assert slack.faults(made) == []
    shown, features = made["display_information"], made["features"]
    assert (shown["name"], shown["background_color"]) == ("Aldgate Desk", "#7a1fa2")
    assert features["bot_user"]["display_name"] == "Aldgate Desk"
    assert "Ask Aldgate Desk" in [one["name"] for one in features["shortcuts"]]
    assert "Firstline" not in str(made)


def test_a_long_name_is_no_shortcut() -> None:
    made = slack.manifest(URL, socket_mode=False, brand=Brand("x" * 30))
    assert slack.faults(made) == []
    assert "Ask for help" in [one["name"] for one in made["features"]["shortcuts"]]


@pytest.mark.usefixtures("branded")
def test_teams_package_has_name_colour_and_logo(tmp_path: Path) -> None:
    path = tmp_path / "teams.zip"
    write_teams(APP_ID, URL, path, "")
    with ZipFile(path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    assert faults_in_package(files) == []
    assert b'"short": "Aldgate Desk"' in files[MANIFEST]
    assert b'"accentColor": "#7a1fa2"' in files[MANIFEST]
    assert all(b"Firstline" not in files[name] for name in (MANIFEST, "es.json"))
    with Image.open(BytesIO(files["color.png"])) as icon:
        assert icon.size == (192, 192)
        assert icon.convert("RGB").getpixel((96, 96)) == (0x7A, 0x1F, 0xA2)


def test_the_icon_for_slack_is_the_logo_else_our_mark(branded: Settings, tmp_path: Path) -> None:
    write_icon(tmp_path / "icon.png")
    assert (tmp_path / "icon.png").read_bytes() == branded.brand.logo
    with Image.open(BytesIO(slack.icon())) as icon:
        assert icon.size == (512, 512)


def test_our_own_package_is_as_teams_takes_it() -> None:
    files = package_files(APP_ID, URL, wording.load(), "1.0.0")
    assert faults_in_package(files) == []
    assert b'"full": "Firstline support"' in files[MANIFEST]
