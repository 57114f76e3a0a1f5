"""Plays the conversations of the documentation on a real desk, and compares what is said there."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.conversations.messages import Addressed, ConversationRef
from tests.support.desk.helpdesk import ROOM, Helpdesk, Shown, text_of

HELP_CHANNEL = ConversationRef("slack", "T1", "CHELP", "7.0", private=False)
_BLOCK = re.compile(r"^```conversation(?P<where>[^\n]*)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_BUTTONS = re.compile(r"\s*\[([^\]]+)\]")
_MINUTES = {"two": 2, "five": 5}


def transcripts(path: Path) -> list[tuple[str, str]]:
    """The conversations of a document: where each takes place, and its lines."""
    found = _BLOCK.finditer(path.read_text("utf-8"))
    return [(match["where"].strip(), match["lines"].strip()) for match in found]


@dataclass
class Player:
    """Plays the lines of one conversation in order."""

    helpdesk: Helpdesk
    where: str
    seen: dict[str, int] = field(default_factory=dict)
    unread: list[Shown] = field(default_factory=list)

    def play(self, line: str) -> None:
        """Play one line: somebody says or clicks something, time passes, or a post is read."""
        self.helpdesk.clock.move(seconds=5)
        if line.startswith("("):
            self.helpdesk.clock.move(minutes=_MINUTES[line[1:].split()[0]])
        elif line.startswith("Ana: "):
            self._say(line.removeprefix("Ana: "))
        elif line.startswith("Ana selects "):
            self._select(line.removeprefix("Ana selects [").removesuffix("]"))
        elif line.startswith("Eva claims "):
            card = self.helpdesk.card(line.removeprefix("Eva claims "))
            self.helpdesk.click("eva", self.helpdesk.button(card, "claim"), conversation=ROOM)
        else:
            self._read(line)
            return
        self._notice()

    def _say(self, text: str) -> None:
        self.unread.clear()
        if self.where:
            self.helpdesk.say("ana", text, conversation=HELP_CHANNEL, addressed=Addressed.HELP)
        else:
            self.helpdesk.say("ana", text, channel="web")

    def _select(self, label: str) -> None:
        self.unread.clear()
        button = next(
            button
            for shown in reversed(self.helpdesk.screen.values())
            for button in shown.reply.buttons
            if button.label == label
        )
        self.helpdesk.click("ana", button, channel="slack" if self.where else "web")

    def _notice(self) -> None:
        for key, shown in self.helpdesk.screen.items():
            if key not in self.seen:
                self.unread.append(shown)
            self.seen[key] = shown.versions

    def _read(self, line: str) -> None:
        place, _, said = line.partition(": ")
        words, _, _ = said.partition("…")
        labels = _BUTTONS.findall(said)
        text = words if "…" in said else _BUTTONS.sub("", said)
        for shown in self.unread:
            if self._is_in(shown, place) and _starts(shown, text.strip()):
                wanted = labels or None
                assert wanted is None or [button.label for button in shown.reply.buttons] == wanted, line
                self.unread.remove(shown)
                return
        raise AssertionError(f"{line!r} was not posted, but {[text_of(one.reply) for one in self.unread]}")

    @staticmethod
    def _is_in(shown: Shown, place: str) -> bool:
        if place == "Room":
            return shown.conversation.space == ROOM.space
        private = shown.private_to is not None
        return shown.conversation.space != ROOM.space and private == place.endswith("alone")


def _starts(shown: Shown, text: str) -> bool:
    return text_of(shown.reply).startswith(text) or shown.reply.summary.startswith(text)
