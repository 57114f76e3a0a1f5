"""Makes messages: a card, a picture, or one of Teams' own cards for files."""

from base64 import b64encode
from dataclasses import dataclass

from bot.channels.teams.outbound import adaptive_card
from bot.channels.teams.outbound.elements import Element
from bot.channels.teams.outbound.onedrive import UploadLocation
from bot.desk.ports.channels import File
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Link, Reply

CARD = "application/vnd.microsoft.card.adaptive"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"


@dataclass(frozen=True, slots=True)
class Message:
    """One message with one attachment; `text` is Markdown if `marked`, else it is shown literally."""

    attachment: Element
    summary: str
    text: str = ""
    marked: bool = False


def card(reply: Reply, wording: Wording) -> Message:
    """A reply as a card."""
    return Message(
        {"contentType": CARD, "content": adaptive_card.card(reply, wording)}, adaptive_card.summary(reply)
    )


def picture(reply: Reply, file: File, content: bytes, media_type: str) -> Message:
    """A picture under the sentence that says whose it is."""
    url = f"data:{media_type};base64,{b64encode(content).decode()}"
    said = adaptive_card.summary(reply)
    return Message({"contentType": media_type, "contentUrl": url, "name": file.name}, said, said)


def consent(reply: Reply, file: File, size: int, token: str, wording: Wording) -> Message:
    """The question whether a file may go into the reader's own OneDrive; beside it the link, if there is one.

    The link stands by for where Teams refuses to ask: of some bots the card's buttons do nothing.
    """
    said, context = adaptive_card.summary(reply), {"token": token}
    content = {
        "description": said,
        "sizeInBytes": size,
        "acceptContext": context,
        "declineContext": context,
    }
    link = link_of(reply)
    beside = wording.say(reply.language, "teams.file.beside", url=link.url) if link else ""
    return Message({"contentType": CONSENT, "name": file.name, "content": content}, said, beside, marked=True)


def info(reply: Reply, location: UploadLocation) -> Message:
    """The file, where it lies in the reader's OneDrive now."""
    content = {"uniqueId": location.unique_id, "fileType": location.file_type}
    attachment = {"contentType": INFO, "contentUrl": location.content_url, "name": location.name}
    return Message(
        attachment | {"content": content}, adaptive_card.summary(reply), adaptive_card.summary(reply)
    )


def link_of(reply: Reply) -> Link | None:
    """The first link of a reply."""
    return next((block for block in reply.blocks if isinstance(block, Link)), None)
