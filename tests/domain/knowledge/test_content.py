"""Where a long article is cut."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.content import Article, Content, Intent, ServiceRequest


@given(st.lists(st.text(alphabet="ab c\n-1.#", min_size=1, max_size=60), max_size=40), st.integers(20, 400))
def test_a_cut_article_loses_nothing(parts: list[str], limit: int) -> None:
    body = "\n".join(parts)
    head, rest = Article("a", "A", body).split(limit)
    assert "".join(body.split()) == "".join((head + rest).split())


def test_an_article_is_cut_at_a_whole_step() -> None:
    steps = "\n".join(f"{n}. Do step number {n} with care.\n   Then look." for n in range(1, 30))
    head, rest = Article("a", "A", f"Intro.\n\n## Steps\n\n{steps}").split(300)
    assert len(head) <= 300
    assert head.endswith("Then look.")
    assert rest[0].isdigit()


def test_a_heading_stays_with_what_follows_it() -> None:
    body = "Intro.\n\n## Steps\n\n1. Restart.\n\n## If it does not help\n\n- Call us, at any time of the day."
    head, rest = Article("a", "A", body).split(len(body) - 10)
    assert head.endswith("1. Restart.")
    assert rest.startswith("## If it does not help")


def test_service_requests_are_documents_beside_the_articles() -> None:
    request = Intent(
        "new-laptop",
        {"en": ("a new laptop",)},
        asks={"en": ("Which model?", "By when?"), "es": ("¿Qué modelo?",)},
        opens=ServiceRequest(
            {"en": "New laptop", "es": "Portátil nuevo"}, {"en": "The stock is checked."}, "https://x.example"
        ),
    )
    bare = Intent("new-mouse", {"en": ("a new mouse",)}, opens=ServiceRequest({"en": "New mouse"}))
    reply = Intent("lunch", {"en": ("lunch",)}, reply={"en": "At noon."})
    vpn = {"en": Article("vpn", "VPN", "Connect.")}
    content = Content({"vpn": vpn}, {one.id: one for one in (request, bare, reply)}, "h")
    assert content.documents.keys() == {"vpn", "new-laptop", "new-mouse"}
    assert content.documents["vpn"] == vpn
    english, spanish = (content.documents["new-laptop"][language] for language in ("en", "es"))
    assert (english.title, english.body) == (
        "New laptop",
        "The stock is checked.\n\nWhich model?\n\nBy when?",
    )
    assert (spanish.title, spanish.body, spanish.language) == ("Portátil nuevo", "¿Qué modelo?", "es")
    assert content.documents["new-mouse"]["en"].body == ""
    assert content.article("new-laptop", "en") is None, "nobody is shown it as an article"
