"""Makes messages: a card, a picture, or one of Teams' own cards for files."""

from base64 import b64encode
from dataclasses import dataclass, replace

from bot.channels.teams.outbound import adaptive_card
from bot.channels.teams.outbound.elements import Element
from bot.channels.teams.outbound.onedrive import UploadLocation
from bot.desk.ports.button_actions import NOT_HELPFUL, SOLVED
from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.desk.ports.page import File
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
    thumbs: bool = False  # with Teams' own thumbs below


def card(reply: Reply, wording: Wording, pictures: Pictures = NO_PICTURES) -> Message:
    """A reply as a card."""
    content = adaptive_card.card(reply, wording, pictures)
    return Message({"contentType": CARD, "content": content}, adaptive_card.summary(reply))


def under_thumbs(reply: Reply) -> Reply | None:
    """Return a reply as it is above Teams' own thumbs, which take a button's place, or None.

    *Solved* stays: who does not see the thumbs can still write that it did not help.
    """
    actions = [button.action for button in reply.buttons]
    if SOLVED not in actions or NOT_HELPFUL not in actions:
        return None
    return replace(reply, buttons=tuple(one for one in reply.buttons if one.action != NOT_HELPFUL))


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
