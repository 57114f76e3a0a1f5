"""Leads a text the ways that people's texts go, and through functions that take more than a text."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench.hostile.functions import Function
from bench.plan import ROOT
from bot.alerts.mapping import AlertReader, table_in
from bot.channels.slack import text as slack_text
from bot.channels.slack.directory import Directory
from bot.channels.slack.inbound.block_text import text_of_bot
from bot.channels.slack.inbound.events import EventReader
from bot.channels.slack.installation import Installation
from bot.channels.slack.outbound import blocks, elements
from bot.channels.slack.outbound import folding as slack_folding
from bot.channels.slack.payloads import decoded
from bot.channels.teams.inbound import activities
from bot.channels.teams.inbound.events import EventReader as TeamsReader
from bot.channels.teams.inbound.events import asks_for
from bot.channels.teams.inbound.text import without_quoted
from bot.channels.teams.inbound.writing import read_writing
from bot.channels.teams.outbound import adaptive_card
from bot.channels.teams.outbound import elements as teams_elements
from bot.channels.teams.outbound.folding import fold
from bot.channels.teams.settings import Settings as TeamsSettings
from bot.channels.web.view import View
from bot.desk.automation.reminders import without_buttons
from bot.desk.knowledge.proposals import example_of
from bot.desk.outages.forms import read_input
from bot.desk.ports.tickets import missing
from bot.domain.conversations import own_words
from bot.domain.conversations.messages import (
    Addressed,
    Button,
    ConversationRef,
    Facts,
    Heading,
    Line,
    Mention,
    More,
    Prose,
    Quotation,
    Quote,
    Reply,
    Small,
    Utterance,
)
from bot.domain.conversations.short_replies import ShortReplies
from bot.domain.conversations.variants import find_named_title
from bot.domain.conversations.withdrawal import without_words
from bot.domain.drafts.names import KnownNames, find_names
from bot.domain.drafts.redaction import Taken, named, redact
from bot.domain.knowledge import markdown_blocks
from bot.domain.knowledge.article_parts import split
from bot.domain.people import Identity, Person
from bot.domain.secrets.masking import mask_after
from bot.domain.tickets.relay import Visibility, decide_visibility, decide_visibility_after_edit
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.matching.clustering.telling_words import stems_in
from bot.matching.scoring.similarity import shares_words, similarity
from tests.support.channels.empty_host import host
from tests.support.channels.slack_stage import settings_from
from tests.support.fakes.alerts import recorded

NOW = datetime(2026, 11, 30, tzinfo=UTC)
INSTALLATION = Installation(team="T1", bot_user="UBOT")
TITLES = ("Fix the VPN on Windows", "Fix the VPN on macOS")
PLAIN = "the printer on the second floor is out of paper"


def paths() -> dict[str, Function]:
    """The ways by name; those of a function that takes more have its name in the code."""
    return {**_slack(), **_teams(), **_page(), **_desk(), **_articles(), **_alerts()}


def understanding() -> dict[str, Function]:
    """What a text means by the content that is shipped; it takes a while to make."""
    from bot.desk.knowledge.understanding import DeskPolicy, Understanding
    from bot.domain.knowledge.decision import Tolerance
    from bot.runtime.resources import find
    from bot.server.content import library_of
    from bot.server.settings import Settings

    settings = Settings(articles=find("kb_articles"), intents=find("intents"), queues="", cache="")
    library = library_of(settings)
    library.load()
    made = Understanding(library, host().wording, DeskPolicy(Tolerance(), "en"))
    return {"desk: what a message means": lambda text: made.parse(utterance(text))}


def utterance(text: str, quotations: Sequence[Quotation] = ()) -> Utterance:
    """A direct message of somebody's."""
    who = Identity("web", "", "maria")
    place = ConversationRef("web", "", "maria")
    return Utterance(
        ("web:1",), who, "María", place, NOW, Addressed.DIRECT, text, quotations=tuple(quotations)
    )


def reply(text: str) -> Reply:
    """A reply in which a text stands wherever one can."""
    parts = (Line(text), Heading(text), Quote(text), Small(text), Facts(((text, text),)), Mention(text))
    return Reply(parts, summary=text)


def _known(text: str) -> KnownNames:
    return KnownNames.among([text], ("María José Núñez",), ("Will Mark", text[:200]))


def _slack() -> dict[str, Function]:
    directory = Directory(host())
    reader = EventReader(settings_from({}), directory, lambda: NOW)
    by_name = dict.fromkeys(("U1", "U2"), "María").get

    def read(call: Callable[[Mapping[str, Any], Installation], Any], body: Mapping[str, Any]) -> object:
        return asyncio.run(call(body, INSTALLATION))

    return {
        "bot.channels.slack.text.cut": partial(slack_text.cut, limit=3_000),
        "bot.channels.slack.text.without_mention": partial(slack_text.without_mention, user="UBOT"),
        "bot.channels.slack.outbound.elements.plain_text": partial(elements.plain_text, limit=75),
        "bot.channels.slack.payloads.decoded": lambda text: decoded(
            json.dumps({"text": text}), "application/json"
        ),
        "Slack: names for mentions": lambda text: slack_text.readable(text, by_name),
        "Slack: a message": lambda text: read(reader.message, {"event": _event(text)}),
        "Slack: a mention": lambda text: read(
            reader.message,
            {"event": _event(f"<@UBOT> {text}") | {"channel": "C1", "channel_type": "channel"}},
        ),
        "Slack: a forwarded message": lambda text: read(
            reader.message,
            {
                "event": _event("see this")
                | {"attachments": [{"is_share": True, "text": text, "from_url": text}]}
            },
        ),
        "Slack: an edit": lambda text: read(
            reader.message,
            {
                "event": {
                    "type": "message",
                    "subtype": "message_changed",
                    "channel": "D1",
                    "message": _event(text) | {"edited": {"ts": "2.0"}},
                    "previous_message": _event("a"),
                }
            },
        ),
        "Slack: a command": lambda text: read(
            reader.command, {"text": text, "user_id": "U1", "user_name": "maria", "trigger_id": "1"}
        ),
        "Slack: blocks": lambda text: text_of_bot({"blocks": _rich(text), "attachments": [{"text": text}]}),
        "Slack: a reply": lambda text: blocks.render(reply(text)),
        "Slack: a reply in a modal": lambda text: blocks.render(reply(text), "view"),
        "Slack: a reply, plainly": lambda text: blocks.render_plainly(reply(text)),
    }


def _event(text: str) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "channel": "D1", "channel_type": "im", "ts": "1.0", "text": text}


def _rich(text: str) -> list[dict[str, Any]]:
    run = {"type": "text", "text": text}
    section = {"type": "rich_text_section", "elements": [run, {"type": "emoji", "name": text}]}
    return [{"type": "rich_text", "elements": [section]}, {"type": "section", "text": {"text": text}}]


def _teams() -> dict[str, Function]:
    reader = TeamsReader(TeamsSettings.model_validate({}), anonymous=False)
    wording = host().wording

    def read(**body: object) -> object:
        activity = activities.read(_activity() | body)
        asks_for(activity)
        return reader.utterance(activity, NOW, None)

    def replies_to(text: str) -> object:
        told = {"messageSender": {"user": {"displayName": text[:200]}}, "messagePreview": text}
        return read(text=text, attachments=[{"contentType": "messageReference", "content": told}])

    return {
        "bot.channels.teams.inbound.text.without_quoted": lambda text: without_quoted(
            text + PLAIN, Quotation("María", text, forwarded=False)
        ),
        "bot.channels.teams.outbound.folding.fold": lambda text: fold(
            [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]}] * 2, text
        ),
        "bot.channels.slack.outbound.folding.fold": lambda text: slack_folding.fold(
            Reply((Prose(text), More("More", text, "t", "a"), Small("a")), (Button("a", "b", "c"),)), "All"
        ),
        "bot.channels.teams.outbound.elements.cut": partial(teams_elements.cut, limit=3_000),
        "bot.channels.teams.outbound.elements.fact": partial(teams_elements.fact, value=PLAIN),
        "bot.channels.teams.outbound.elements.moment": partial(teams_elements.moment, at=NOW),
        "bot.channels.teams.inbound.writing.read_writing": lambda text: read_writing(
            "", [{"contentType": "text/html", "content": text}], [], is_html=False
        ),
        "Teams: a message": lambda text: read(text=text),
        "Teams: a message in HTML": lambda text: read(text=text, textFormat="xml"),
        "Teams: HTML beside the text": lambda text: read(
            text="", attachments=[{"contentType": "text/html", "content": f"<blockquote>{text}"}]
        ),
        "Teams: a quoted reply": replies_to,
        "Teams: a name": lambda text: read(
            text=text, entities=[{"type": "mention", "mentioned": {"id": "29:1", "name": text}, "text": text}]
        ),
        "Teams: a card": lambda text: adaptive_card.card(reply(text), wording),
        "Teams: a notice": lambda text: (adaptive_card.text(reply(text)), adaptive_card.summary(reply(text))),
    }


def _activity() -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1",
        "serviceUrl": "https://smba.trafficmanager.net/teams/",
        "from": {"id": "29:1", "name": "María", "aadObjectId": "a"},
        "recipient": {"id": "28:bot", "name": "Firstline"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": "t"},
        "channelData": {"tenant": {"id": "t"}},
    }


def _page() -> dict[str, Function]:
    view = View(host())
    return {
        "Page: a reply": lambda text: view.compose("en", "notice.html", {"reply": reply(text), "leads": True})
    }


def _articles() -> dict[str, Function]:
    def named(text: str) -> object:
        return markdown_blocks.name_pictures(text, {"a": "b"})

    return {
        "article: pieces": markdown_blocks.cut_apart.__wrapped__,
        "article: pieces, in words": markdown_blocks.in_words,
        "article: pictures": markdown_blocks.images_in,
        "article: pictures by name": named,
        "article: short tables": lambda text: markdown_blocks.shorten_tables(text, 15, 6),
        "article: a readable beginning": lambda text: split(text, 100),
    }


def _alerts() -> dict[str, Function]:
    """The requests of monitoring systems that are read by a table, with a text as the title of the alert."""
    found: dict[str, Function] = {}
    for file in sorted((ROOT / "bot" / "alerts").glob("*/mapping.toml")):
        name, table = file.parent.name, table_in(file)
        if name == "cloudwatch":  # its alarm lies in a text of SNS's message
            continue
        read, told = AlertReader(table).read, json.dumps(recorded(name, "began"))
        title = read(told.encode(), NOW).alerts[0].title
        part = max((one for one in _words_in(json.loads(told)) if one in title), key=len)
        found[f"alert: {name}"] = partial(_read_alert, read, told, json.dumps(part)[1:-1])
    return found


def _words_in(document: Any) -> list[str]:
    """Every text of a document that has words."""
    inner = document.values() if isinstance(document, dict) else document
    if isinstance(document, str):
        return [document] if len(document) > 3 else []
    return [one for value in inner for one in _words_in(value)] if isinstance(document, dict | list) else []


def _read_alert(read: Callable[[bytes, datetime], object], told: str, title: str, text: str) -> object:
    return read(told.replace(title, json.dumps(text)[1:-1]).encode(), NOW)


def _ticket() -> Ticket:
    person = Person(1, "María", "en")
    return Ticket(1, "t", Status.CLAIMED, Priority.NORMAL, "", "en", person, 1, 1, NOW, assignee=person)


def _desk() -> dict[str, Function]:
    short = ShortReplies()
    return {
        "bot.desk.knowledge.proposals.example_of": lambda text: example_of(text, _known(text)),
        "bot.desk.ports.tickets.missing": lambda text: missing((text, text[1:]), text),
        "bot.desk.automation.reminders.without_buttons": partial(without_buttons, reply(PLAIN)),
        "bot.desk.outages.forms.read_input": partial(read_input, limit=500),
        "bot.domain.drafts.names.find_names": lambda text: list(find_names(text, _known(text))),
        "bot.domain.drafts.redaction.redact": lambda text: redact(text, _known(text)),
        "bot.domain.drafts.redaction.named": partial(named, words={kind: kind.name for kind in Taken}),
        "bot.domain.secrets.masking.mask_after": partial(mask_after, "my password is"),
        "bot.domain.conversations.withdrawal.without_words": lambda text: without_words(
            f"{text}\n{PLAIN}", f"{text[1:]}b"
        ),
        "bot.domain.conversations.variants.find_named_title": partial(find_named_title, titles=TITLES),
        "bot.matching.clustering.telling_words.stems_in": partial(stems_in, language="en"),
        "bot.matching.scoring.similarity.similarity": partial(similarity, PLAIN),
        "bot.matching.scoring.similarity.shares_words": partial(shares_words, PLAIN),
        "bot.domain.tickets.relay.decide_visibility": partial(
            decide_visibility, _ticket(), Person(1, "María", "en")
        ),
        "bot.domain.tickets.relay.decide_visibility_after_edit": partial(
            decide_visibility_after_edit, Visibility.SENT, _ticket()
        ),
        "desk: a short reply": short.read,
        "desk: own words": lambda text: own_words.said(utterance(text, [Quotation(text, text)])),
        "desk: words that are replied to": lambda text: own_words.replied_to(
            utterance(text, [Quotation(text, text, forwarded=False)])
        ),
    }
