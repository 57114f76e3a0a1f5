"""Pages in HTML: what they say is found among what stands around it."""

from pathlib import Path

import pytest

from tests.support.evaluation.imports import articles_of, left_out, planned, written

AROUND = (
    "<header><a href='/'>Lamps Inc</a></header><nav><ul><li>Home</li><li>Lamps</li></ul></nav>"
    "<div class='sidebar'>Every lamp</div><aside>Adverts</aside>"
    "<div class='cookie-banner'>We bake cookies</div>"
)
BELOW = "<footer>Imprint</footer><script>track('x')</script><form><input><button>Search</button></form>"
TEXT = "<p>Press <b>it</b>, see <a href='other.html'>the other</a>.</p>"
TEXT += "<ol><li>Wait<p>a while</p></li><li>Done</ol>"
PAGES = {
    "website": f"<!doctype html><html lang='en'><head><title>Reset | Lamps Inc</title></head><body>{AROUND}"
    f"<main><h1>Reset the lamp</h1>{TEXT}</main>{BELOW}</body></html>",
    "confluence": "<html><head><title>IT : Reset the lamp</title></head><body><div id='page'>"
    "<div id='breadcrumb-section'>"
    f"<ol id='breadcrumbs'><li>IT</li></ol></div><h1 id='title-heading'>Reset the lamp</h1>"
    f"<div id='main-content' class='wiki-content group'>{TEXT}</div></div>"
    "<div id='footer'>Generated</div></body></html>",
    "notion": "<html><head><title>Reset the lamp</title></head><body><article><header><h1 class='page-title'>"
    f"Reset the lamp</h1></header><div class='page-body'>{TEXT}</div></article></body></html>",
    "bare": f"<h1>Reset the lamp</h1>{TEXT}",
    "no heading": f"<html><head><title>Reset the lamp - Lamps Inc</title></head><body>{AROUND}"
    f"<article>{TEXT}</article>",
}


@pytest.mark.parametrize("kind", PAGES)
def test_what_a_page_says_is_found(tmp_path: Path, kind: str) -> None:
    files = {
        "reset.html": PAGES[kind],
        "other.html": "<title>Other</title><p>One more lamp, of the other kind.</p>",
    }
    article = articles_of(tmp_path, files, "https://l.example/")["reset"]

    assert article.title == "Reset the lamp"
    assert article.body == (
        "Press **it**, see [the other](https://l.example/other.html).\n\n1. Wait\n\n   a while\n2. Done"
    )
    assert article.url == "https://l.example/reset.html"


def test_a_canonical_address_the_language_and_the_day_are_kept(tmp_path: Path) -> None:
    page = (
        "<html lang='es-ES'><head><link rel='canonical' href='https://a.example/x'>"
        "<meta property='article:modified_time' content='2024-05-06T07:08:09Z'>"
        "<meta name='keywords' content='luz, mesa'>"
        f"<title>Lámpara</title></head><body>{TEXT}</body></html>"
    )
    (article,) = articles_of(tmp_path, {"x.html": page}).values()

    assert (article.url, article.language, str(article.updated)) == (
        "https://a.example/x",
        "es",
        "2024-05-06",
    )
    assert article.tags == ("luz", "mesa")


def test_a_canonical_address_that_is_none_is_left_out(tmp_path: Path) -> None:
    page = f"<html><head><link rel='canonical' href='http://['><title>Lamp</title></head><body>{TEXT}</body></html>"
    (article,) = articles_of(tmp_path, {"x.html": page}).values()
    assert article.url is None


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-8-sig"])
def test_pages_of_every_encoding_are_read(tmp_path: Path, encoding: str) -> None:
    page = "<title>Lámpara</title><p>Púlsala dos veces y espera a que la luz del botón se apague.</p>"
    (article,) = articles_of(tmp_path, {"x.html": page.encode(encoding)}).values()

    assert (article.title, article.language) == ("Lámpara", "es")


def test_what_stands_on_most_pages_is_no_content(tmp_path: Path) -> None:
    pages = {
        f"{name}.html": f"<title>{name}</title><div><p>Call 555 or write to us.</p></div>"
        f"<p>The {name} is red.</p>"
        for name in ("lamp", "chair", "table", "shelf")
    }
    articles = articles_of(tmp_path, pages)

    assert articles["lamp"].body == "The lamp is red."


def test_pages_that_only_lead_on_are_left_out(tmp_path: Path) -> None:
    plan = planned(
        written(
            tmp_path,
            {
                "moved.html": "<meta http-equiv='refresh' content='0; url=x'><p>Moved.</p>",
                "index.html": "<title>All</title><ul><li><a href='a.html'>The first lamp</a>"
                "<li><a href='b.html'>B</a></ul>",
            },
        )
    )

    assert plan.proposals == []
    assert left_out(plan) == {
        "moved.html": "it only leads to another page, or is not to be found",
        "index.html": "it only leads to other pages",
    }


def test_html_that_is_broken_or_very_deep_is_read_all_the_same(tmp_path: Path) -> None:
    deep = "<div>" * 5_000 + "Press it gently, and wait." + "</div>" * 5_000
    files = {
        "deep.html": f"<title>Deep</title>{deep}",
        "odd.html": "<title>Odd</title><![if !x]><p>Press it, and wait for it.</p><![endif]><![<![x",
        "open.html": "<title>Open</title><table><tr><td>Press it<p>now</b>",
    }
    articles = articles_of(tmp_path, files)

    assert articles["deep"].body == "Press it gently, and wait."
    assert articles["odd"].body.startswith("Press it, and wait for it.")
    assert articles["open"].body == "Press it\n\nnow"
