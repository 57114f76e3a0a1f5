"""Pictures of articles on the page: under their signed address, as what they are, and no other."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.web.markdown import render
from bot.domain.knowledge.content import Picture
from tests.support.channels.page_site import Serve
from tests.support.channels.shown_pictures import PICTURE, SHOWN, ShownPictures

PATH = f"/pictures/signed-{PICTURE.name}"


@pytest.fixture
def pictures(tmp_path: Path) -> ShownPictures:
    (tmp_path / "picture").write_bytes(b"\x89PNG" + b"x" * 200_000)
    return ShownPictures(shown={PICTURE.name: replace(PICTURE, file=tmp_path / "picture")})


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
async def test_it_is_sent_whole_as_what_it_is_to_any_page(
    served: Serve, pictures: ShownPictures, media_type: str
) -> None:
    shown: Picture = pictures.shown[PICTURE.name]
    pictures.shown[PICTURE.name] = replace(shown, media_type=media_type)
    site = await served(pictures=pictures)
    async with site.client.get(PATH) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == media_type
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response.headers["Cache-Control"] == "public, max-age=86400"
        assert await response.read() == shown.file.read_bytes()
    async with site.client.head(PATH) as response:
        assert (response.status, await response.read()) == (200, b"")


async def test_what_no_article_shows_is_not_there(served: Serve, pictures: ShownPictures) -> None:
    site = await served(pictures=pictures)
    for path in ("/pictures/signed-other", "/pictures/x", f"/files/signed-{PICTURE.name}"):
        async with site.client.get(path) as response:
            assert response.status == 404
    pictures.shown[PICTURE.name].file.unlink()
    async with site.client.get(PATH) as response:
        assert response.status == 404


async def test_one_fetcher_of_many_readers_is_not_starved_and_a_guesser_is(
    served: Serve, pictures: ShownPictures
) -> None:
    site = await served(pictures=pictures, clock=lambda: 0.0)
    for _ in range(400):
        async with site.client.head(PATH) as response:
            assert response.status == 200
    answers = []
    for _ in range(310):
        async with site.client.head("/pictures/guessed") as response:
            answers.append(response.status)
    assert answers[0] == 404
    assert answers[-1] == 429
    async with site.client.head(PATH) as response:
        assert response.status == 200


def test_on_the_page_it_has_its_words_its_size_and_opens_alone(pictures: ShownPictures) -> None:
    html = render(SHOWN, 3, pictures)
    assert (
        f'<a class="picture" href="{PATH}" target="_blank"><img src="{PATH}" alt="The VPN client\'s window" '
        'width="640" height="400" loading="lazy" decoding="async"></a>'
    ) in str(html).replace("&#39;", "'")
    assert html.count("<ol") == 1, "the steps are one list"


def test_a_picture_that_is_gone_leaves_its_words(pictures: ShownPictures) -> None:
    html = render(SHOWN, 3, replace(pictures, shown={}))
    assert "<img" not in html
    assert "The VPN client" in html


def test_a_table_says_what_its_columns_are_and_takes_no_style(pictures: ShownPictures) -> None:
    html = render(SHOWN, 3, pictures)
    assert '<div class="table" role="region" aria-label="Site, Address, Since" tabindex="0"><table>' in html
    assert '<th class="center" scope="col">Address</th>' in html
    assert '<td class="right">2024</td>' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "hostile",
    [
        '![x" onerror="alert(1)](picture:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f)',
        "![x](https://evil.example/x.png)",
        "![x](javascript:alert(1))",
        "[x](picture:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f)",
        "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    ],
)
def test_nothing_of_a_text_runs_or_loads_from_elsewhere(pictures: ShownPictures, hostile: str) -> None:
    html = render(hostile, 3, pictures)
    assert "<script" not in html
    assert ' onerror="' not in html
    assert 'src="http' not in html
    assert 'href="picture:' not in html
    assert 'href="javascript:' not in html
