"""Each link of the Teams app package leads to a page that the server has, in both languages."""

import json

import pytest_asyncio

from bot import wording
from bot.channels.teams.manifest import package_files
from bot.channels.teams.package_rules import MANIFEST
from bot.channels.web.access.accounts import read_grants
from tests.support.channels.page_site import TOKENS, Site, serve

APP_ID = "5f1c3b52-9c6e-4a53-8a55-6d4b7a2d1c01"
WORDS = {
    "websiteUrl": ("About Firstline", "Acerca de Firstline"),
    "privacyUrl": ("What we keep about you", "Qué guardamos sobre ti"),
    "termsOfUseUrl": ("Terms of use", "Condiciones de uso"),
}


@pytest_asyncio.fixture
async def site() -> Site:
    return await serve(tuple(read_grants(TOKENS)[0]))


async def test_each_link_of_the_package_is_followed(site: Site) -> None:
    manifest = json.loads(package_files(APP_ID, site.origin, wording.load(), "1.0.0")[MANIFEST])
    links = {name: url for name, url in manifest["developer"].items() if name.endswith("Url")}
    assert set(links) == set(WORDS)
    for name, url in links.items():
        path = url.removeprefix(site.origin)
        for language, title in zip(("en", "es"), WORDS[name], strict=True):
            for page in (
                await site.text(path, **{"Accept-Language": language}),
                await site.text(f"{path}?lang={language}", **{"Accept-Language": "de"}),
            ):
                assert f"<h1>{title}</h1>" in page
                assert f'<html lang="{language}">' in page
                assert "web." not in page.partition("<main")[2], "every sentence is there"
    await site.client.close()
