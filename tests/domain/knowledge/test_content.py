"""What articles and service requests are to the desk."""

from bot.domain.knowledge.content import Article, Content, Intent, ServiceRequest


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
