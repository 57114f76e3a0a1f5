"""Messages, replies and clicks, in terms that are the same for every channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.charts import BarChart
from bot.domain.people import Identity


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Reference to a conversation: one thread of one place in one channel.

    `space` is the platform's place (a Slack channel, a Teams conversation). `thread` is its thread there,
    empty where the place has none. A thread that begins with `new:` does not exist yet: the bot's first post
    creates it, and `anchor` is then the platform's id of it. `tenant` is empty where the channel has none.
    `private` says that one person alone reads here, so that nothing has to be shown to them in private.
    """

    channel: str
    tenant: str
    space: str
    thread: str = ""
    anchor: str = ""
    private: bool = True

    @property
    def place(self) -> str:
        """Return the place without its thread, as one name."""
        return f"{self.channel}:{self.tenant}/{self.space}"

    @property
    def root(self) -> str:
        """Return the platform's id of the thread; empty when there is none yet."""
        return self.anchor or ("" if self.thread.startswith("new:") else self.thread)


class Addressed(StrEnum):
    """Way in which a message reached the bot."""

    DIRECT = "direct"  # a private chat, a command, a shortcut, the page
    MENTION = "mention"  # by name, in a channel
    HELP = "help"  # overheard at the top level of a help channel
    THREAD = "thread"  # overheard in a thread
    CLICK = "click"  # a button or a form
    HOME = "home"  # somebody opened the bot's own tab
    OPENED = "opened"  # somebody opened their private chat with the bot


@dataclass(frozen=True, slots=True)
class Click:
    """Click on a button, or a form that was sent; `inputs` is None where no form was filled in yet.

    `lasting` says that the control goes on showing what was picked, and cannot be used for the same again
    until its card is shown anew.
    """

    action: str
    token: str
    argument: str = ""
    inputs: Mapping[str, str] | None = None
    lasting: bool = False
    message: str = ""  # the platform's id of what was clicked, where its own control carries no token


@dataclass(frozen=True, slots=True)
class Behalf:
    """Employee for whom an engineer opens a ticket, and the conversation in which to reach them."""

    identity: Identity  # without an id where the engineer wrote a name that the platform knows nobody by
    name: str
    conversation: ConversationRef


class Change(StrEnum):
    """Kind of event: a new message, or a change of an earlier one."""

    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Attachment:
    """File of a message: `size` in bytes, 0 where the platform does not say it.

    `source` is the address or id by which its channel fetches it, empty where it cannot; `content` is set
    where the file came with the message.
    """

    name: str
    media_type: str = ""
    size: int = 0
    source: str = ""
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody else's words in a message, and who said them; `author` is empty where nobody knows."""

    author: str
    text: str
    forwarded: bool = True  # passed on for its own sake; any other is what the message replies to


@dataclass(frozen=True, slots=True)
class Utterance:
    """Event that a person causes: a message, a click, or a change of an earlier message.

    `keys` are the transport's ids of this event, at least one, the same however often it is sent; they begin
    with the channel's name, for all channels share one inbox. `message` is the platform's id of the message,
    the same when it is edited or deleted. A click's `conversation` is the one where its message stands.
    `inline` says that the platform shows the outcome's notice in its own response, `comes_again` that it
    sends the event again by itself where it is not acknowledged. `text` has the person's own words alone;
    `quotations` are others'. `masked` says that what looks like a secret was hidden in it when it came in.
    """

    keys: tuple[str, ...]
    sender: Identity
    sender_name: str
    conversation: ConversationRef
    at: datetime
    addressed: Addressed
    text: str = ""
    files: int = 0
    locale: str | None = None
    click: Click | None = None
    behalf: Behalf | None = None
    to_others: bool = False  # it mentions somebody, and not the bot
    stranger: bool = False  # a guest, or of another organisation
    inline: bool = False
    comes_again: bool = False
    link: str = ""  # leads to the message where it was public
    message: str = ""
    change: Change = Change.NEW
    attachments: tuple[Attachment, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    masked: bool = False
    zone: str = ""  # the sender's time zone, where it is known
    asked_at: ConversationRef | None = None  # where its author is told that the answer is elsewhere

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("an utterance needs at least one key of its transport")
        if self.at.tzinfo is None:
            raise ValueError("an utterance needs an aware time")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown of an article, trusted and rendered."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Short title, shown literally."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """Sentence of the bot, shown literally: a name or a title in it is never markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Quotation of a person, shown literally and set apart."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values, shown literally."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Link to an address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class When:
    """Time under a label, shown in the reader's own zone where the channel can, else as `text`."""

    label: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Mention of a person: notifies their account in the channel, and where they have none shows the name."""

    name: str
    identities: tuple[Identity, ...] = ()

    def in_channel(self, channel: str) -> Identity | None:
        """Return their first account in a channel."""
        return next((one for one in self.identities if one.channel == channel), None)


@dataclass(frozen=True, slots=True)
class Small:
    """Sentence that matters less, shown literally and small."""

    text: str


@dataclass(frozen=True, slots=True)
class More:
    """Rest of an article, folded away under a label; its Markdown is trusted and rendered.

    A channel that cannot fold shows the label as a button, whose click is `MORE` with this token and article.
    """

    label: str
    markdown: str
    token: str
    article: str


@dataclass(frozen=True, slots=True)
class Banner:
    """Title of an outage or alert, shown literally and unlike any ticket's; `over` says that it has ended."""

    text: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Byline:
    """What matters of a ticket at a glance, on one line: who asks, and facts; an `alarm` stands out."""

    who: str
    facts: tuple[str, ...] = ()
    alarm: str = ""
    due: When | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is looked up more seldom, folded away under a label, else behind a button for `SHOW_DETAILS`."""

    label: str
    token: str
    blocks: "tuple[Block, ...]"


Folded = More | Details
Titled = Heading | Banner
Block = When | Mention | Prose | Titled | Line | Quote | Facts | Link | Small | Byline | Folded | BarChart


@dataclass(frozen=True, slots=True)
class Button:
    """Button; `token` is opaque and names what it is about, `argument` picks one of several."""

    action: str
    label: str
    token: str
    argument: str = ""
    style: str = ""  # "", "primary" or "danger"
    with_fields: bool = False  # a click sends what is written in the reply's fields


@dataclass(frozen=True, slots=True)
class Option:
    """Option of a field; its value is never empty."""

    value: str
    label: str

    def __post_init__(self) -> None:
        if not self.value:
            raise ValueError("an option needs a value: no channel sends an empty one back")


@dataclass(frozen=True, slots=True)
class Field:
    """Field of a form: a text, or with `options` a choice of one; `initial` is its value at first.

    A `copyable` field holds a text to be copied, not to be filled in.
    """

    name: str
    label: str
    hint: str = ""
    multiline: bool = True
    required: bool = True
    options: tuple[Option, ...] = ()
    initial: str = ""
    copyable: bool = False

    def limited_options(self, most: int) -> tuple[Option, ...]:
        """Return at most this many of the options, each value once, the initial one among them."""
        once: dict[str, Option] = {}
        for option in self.options:
            once.setdefault(option.value, option)
        kept, picked = list(once.values())[:most], once.get(self.initial)
        return tuple(kept if picked is None or picked in kept else [*kept[:-1], picked])


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply of the bot: blocks from top to bottom, then buttons.

    `fields` are asked for when a button with `with_fields` is clicked: on the card where the channel can
    show inputs, in a form of its own elsewhere. `menu` holds the buttons that are clicked more seldom, behind
    one control, which `menu_label` names where the channel can. `suggestions` may be written next, with one
    press where the channel can; the last block names them in words, for where it cannot.
    """

    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    fields: tuple[Field, ...] = ()
    summary: str = ""  # one plain line for notifications
    language: str = "en"
    menu: tuple[Button, ...] = ()
    menu_label: str = ""
    suggestions: tuple[str, ...] = ()


BACK = "back"  # action that shows a card again, from a form that took its place
MORE = "more"  # action that shows a whole article
SHOW_DETAILS = "show_details"  # action that shows what a ticket's card folds away


class OutcomeKind(StrEnum):
    """Kind of outcome of an utterance."""

    ANSWERED = "answered"
    CHOICE = "choice"
    ASKED = "asked"
    TICKET = "ticket"
    ADDED = "added"  # added to a ticket that is there already
    RELAYED = "relayed"  # an engineer's message, on its way to the employee
    NOTED = "noted"  # an engineer's message, kept in the rooms
    SENT = "sent"  # a decision, on its way to another system; the rooms are told what comes of it
    DONE = "done"  # an action or a button took effect
    FORM = "form"  # a form is to be shown to whoever clicked
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ShowTicket:
    """Names a ticket whose card is to be shown."""

    id: int


@dataclass(frozen=True, slots=True)
class ShowPost:
    """Names a post of the bot that is to be shown, by its outbox id."""

    id: int


@dataclass(frozen=True, slots=True)
class ShowOutage:
    """Names an outage or an alert whose post is to be shown."""

    token: str


Shows = ShowTicket | ShowPost | ShowOutage


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of `receive`, for a platform that answers inside its response.

    `notice` is private to whoever clicked. `shows` names what was clicked, for a platform that shows it anew
    in its response: it is rendered there and then, through `Host.redraw`. With FORM, `card.fields` are to be
    asked for, and sent back under `card.buttons[0]`; after a form this is the next one, or the same again
    where a `notice` says what is not right in it. `repeated` says that this utterance was received before.
    """

    kind: OutcomeKind
    ticket: str | None = None
    notice: Reply | None = None
    card: Reply | None = None
    repeated: bool = False
    shows: Shows | None = None
