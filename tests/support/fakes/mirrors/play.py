"""Plays random work on both sides of a mirror, and counts what must never be."""

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.conversations.messages import Button, Utterance
from bot.domain.tickets.mirror import LIVE, NOBODY, priority_of, status_of
from bot.domain.tickets.ticket import Ticket
from tests.support.desk.helpdesk import ROOM, Shown, is_card, text_of
from tests.support.fakes.mirrors.desk import MirroredDesk
from tests.support.fakes.mirrors.zendesk import ANN, BOB, OURS, PRIORITIES, Failure
from tests.support.fakes.mirrors.zendesk_answers import Json, Refusal
from tests.support.unknown import UNKNOWN

ENGINEERS = ("eva", "eric")
EMPLOYEES = ("ana", "ben", "cleo", "dan")
TOKEN = re.compile(r"\b(?:open|secret)\d+\b")
SETTLING = 20  # rounds until both sides must be quiet


@dataclass
class Verdict:
    """Figures of a play; only `operations` and what was done may be above zero."""

    operations: int = 0
    done: Counter[str] = field(default_factory=Counter)
    divergences: list[str] = field(default_factory=list)
    echoes: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    @property
    def faultless(self) -> bool:
        """Whether nothing happened that must never be."""
        return not (self.divergences or self.echoes or self.leaks)


class Play:
    """Play of random operations by a seed: people here, agents there, and what lies between them."""

    def __init__(self, desk: MirroredDesk, there: Any, seed: int) -> None:
        """`there` is a stand-in of the other system, by whatever makes of it the names of Zendesk's."""
        self._desk = desk
        self._helpdesk = desk.helpdesk
        self._there = there
        self._random = random.Random(seed)  # noqa: S311  # a play that can be repeated
        self._words = 0
        self._pending: list[int] = []  # webhooks that are on their way
        self._written: list[tuple[str, Utterance]] = []
        self._changed: set[str] = set()  # words whose readers were changed on purpose
        self.verdict = Verdict()

    async def run(self, operations: int) -> Verdict:
        """Play so many operations, let everything settle, and look."""
        for _ in range(3):
            await self._asks()
            await self._delivers()
        acts = self._acts()
        for _ in range(operations):
            act = self._random.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
            if await act():
                self.verdict.done[act.__name__.strip("_")] += 1
            self.verdict.operations += 1
            self._take_webhooks()
        await self._settle()
        self._look()
        return self.verdict

    def _acts(self) -> Sequence[tuple[Callable[[], Awaitable[bool]], int]]:
        here = ((self._asks, 2), (self._adds, 4), (self._claims, 5), (self._writes, 8), (self._notes, 5))
        changes = ((self._edits, 2), (self._deletes, 2), (self._resolves, 4), (self._reopens, 3))
        more = ((self._releases, 2), (self._prioritizes, 4))
        agents = ((self._comments, 10), (self._sets_status, 7), (self._sets_priority, 5), (self._assigns, 6))
        rare = ((self._hides, 2), (self._redacts, 2))
        between = (
            (self._delivers, 14),
            (self._reads, 14),
            (self._hears, 12),
            (self._loses_a_webhook, 3),
            (self._waits, 10),
            (self._fails, 6),
            (self._goes_away, 1),
            (self._comes_back, 4),
        )
        return (*here, *changes, *more, *agents, *rare, *between)

    # --- here ---------------------------------------------------------------------------------------------

    async def _asks(self) -> bool:
        if len(self._there.tickets) >= 6:
            return False
        who = self._random.choice(EMPLOYEES)
        self._helpdesk.say(who, f"{UNKNOWN} {self._word('open')}", thread=f"t{self._words}")
        return True

    async def _adds(self) -> bool:
        ticket = self._ticket()
        if ticket is None or not ticket.live:
            return False
        with self._helpdesk.begin() as work:
            episode = work.episodes.get(ticket.episode_id)
            place = work.conversations.ref(episode.conversation_id)
            who = work.people.identities(ticket.requester)[0].external_id
        self._helpdesk.say(who, f"and {self._word('open')}", conversation=place)
        return True

    async def _claims(self) -> bool:
        return self._clicks("claim", self._random.choice(ENGINEERS))

    async def _releases(self) -> bool:
        return self._clicks("release", self._random.choice(ENGINEERS))

    async def _resolves(self) -> bool:
        return self._clicks(
            "resolve", self._random.choice(ENGINEERS), inputs={"note": f"done {self._word('open')}"}
        )

    async def _reopens(self) -> bool:
        return self._clicks("reopen", "eva")

    async def _prioritizes(self) -> bool:
        value = str(self._random.choice((1, 2, 3, 4)))
        return self._clicks("prioritize", "eva", inputs={"priority": value})

    async def _writes(self) -> bool:
        ticket = self._ticket()
        owner = self._name_of(ticket)
        if ticket is None or owner not in ("eva", "eric") or ticket.status.value != "claimed":
            return False
        return self._under_card(owner, ticket, f"try {self._word('open')}")

    async def _notes(self) -> bool:
        ticket = self._ticket()
        if ticket is None:
            return False
        mark = self._random.choice(("// ", ""))
        who = self._random.choice(ENGINEERS)
        if not mark and self._name_of(ticket) == who:
            return False
        return self._under_card(who, ticket, f"{mark}psst {self._word('secret')}")

    async def _edits(self) -> bool:
        if not self._written:
            return False
        _, earlier = self._random.choice(self._written)
        kind = "secret" if "secret" in earlier.text else "open"
        mark = "// " if earlier.text.startswith("//") else ""
        self._changed |= set(TOKEN.findall(earlier.text))
        self._helpdesk.edits(earlier, f"{mark}rather {self._word(kind)}")
        return True

    async def _deletes(self) -> bool:
        if not self._written:
            return False
        _, earlier = self._written.pop(self._random.randrange(len(self._written)))
        self._changed |= set(TOKEN.findall(earlier.text))
        self._helpdesk.deletes(earlier)
        return True

    # --- there --------------------------------------------------------------------------------------------

    async def _comments(self) -> bool:
        word = self._word("open" if (public := self._random.random() < 0.5) else "secret")
        return self._at_agents(comment={"body": f"agent says {word}", "public": public})

    async def _sets_status(self) -> bool:
        return self._at_agents(status=self._random.choice(("open", "pending", "hold", "solved", "solved")))

    async def _sets_priority(self) -> bool:
        return self._at_agents(priority=self._random.choice(PRIORITIES))

    async def _assigns(self) -> bool:
        return self._at_agents(assignee_id=self._random.choice((ANN, BOB, None)))

    async def _hides(self) -> bool:
        found = self._agents_comment()
        if found is None or not found[1]["public"]:
            return False
        self._changed |= set(TOKEN.findall(found[1]["plain_body"]))
        self._there.make_private(found[0], found[1]["id"])
        return True

    async def _redacts(self) -> bool:
        found = self._agents_comment()
        if found is None:
            return False
        self._changed |= set(TOKEN.findall(found[1]["plain_body"]))
        self._there.redact(found[0], found[1]["id"])
        return True

    # --- between ------------------------------------------------------------------------------------------

    async def _delivers(self) -> bool:
        await self._desk.deliver()
        return True

    async def _reads(self) -> bool:
        await self._desk.read()
        return True

    async def _hears(self) -> bool:
        if not self._pending:
            return False
        place = self._random.randrange(len(self._pending))  # in any order
        again = self._random.random() < 0.3
        remote = self._pending[place] if again else self._pending.pop(place)
        await self._desk.worker.hinted((str(remote),))
        return True

    async def _loses_a_webhook(self) -> bool:
        if not self._pending:
            return False
        self._pending.pop(self._random.randrange(len(self._pending)))
        return True

    async def _waits(self) -> bool:
        self._helpdesk.clock.move(seconds=self._random.choice((1, 1, 2, 5, 30, 120)))
        return True

    async def _fails(self) -> bool:
        self._there.failing.append(
            self._random.choice(
                (
                    Failure(500),
                    Failure(502, done=True),  # it was done, and the answer is lost
                    Failure(429, headers={"Retry-After": "2"}),
                    Failure(401),
                )
            )
        )
        return True

    async def _goes_away(self) -> bool:
        self._there.away = True
        return True

    async def _comes_back(self) -> bool:
        self._there.away = False
        return True

    # --- the end ------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        self._there.away = False
        self._there.failing.clear()
        for _ in range(SETTLING):
            self._helpdesk.clock.move(seconds=300)
            await self._desk.deliver()
            self._take_webhooks()  # all that are left are lost: polling finds what changed
            self._pending.clear()
            await self._desk.read()

    def _look(self) -> None:
        for number in range(1, len(self._there.tickets) + 1):
            remote_id = self._desk.remote_id(number)
            with self._helpdesk.begin() as work:
                ticket = work.tickets.get(number)
            if ticket is None or not remote_id:
                self.verdict.divergences.append(f"{number}: is not there")
            else:
                self._compare(ticket, int(remote_id))
        self._count_words()

    def _compare(self, ticket: Ticket, remote_id: int) -> None:
        remote = self._there.tickets[remote_id]
        status = "done" if remote["status"] in ("solved", "closed") else LIVE
        pairs = [("status", status_of(ticket), status)]
        if ticket.live:
            pairs.append(("priority", priority_of(ticket), remote["priority"] or "normal"))
            pairs.append(("assignee", self._account(ticket), _account_there(remote)))
        for name, here, there in pairs:
            if here != there:
                self.verdict.divergences.append(f"{ticket.reference} {name}: {here!r} here, {there!r} there")

    def _count_words(self) -> None:
        """Count each word on each side: written once, it is read once, and by nobody who may not."""
        # A ticket's question has what was asked within two minutes, which is told under the card, too.
        public = [text for one in self._there.tickets for text in self._there.public_texts(one)[1:]]
        internal = [text for one in self._there.tickets for text in self._there.internal_texts(one)]
        told = [text_of(one.reply) for one in self._at_employees()]
        ever = [*self._there.ever_public, *self._ever_told()]
        screen = self._helpdesk.screen.values()
        in_room = [text_of(one.reply) for one in screen if one.conversation.space == ROOM.space]
        for word, count in Counter(TOKEN.findall(" ".join(ever))).items():
            if word.startswith("secret"):
                self.verdict.leaks.append(f"{word} was read {count} times by requesters")
        for name, texts in (("there", [*public, *internal]), ("employees", told)):
            for word, count in Counter(TOKEN.findall(" ".join(texts))).items():
                if count > 1:
                    self.verdict.echoes.append(f"{word} {count} times: {name}")
        seen_there = set(TOKEN.findall(" ".join((*public, *internal))))
        seen_here = set(TOKEN.findall(" ".join((*told, *in_room))))
        agents = set(TOKEN.findall(" ".join(self._agents_words())))
        for word in sorted(agents - seen_here - self._changed):
            self.verdict.divergences.append(f"{word} of an agent is not here")
        mine = {word for _, one in self._written for word in TOKEN.findall(one.text)}
        for word in sorted(mine - seen_there - self._changed):
            self.verdict.divergences.append(f"{word} of an engineer is not there")

    # --- parts --------------------------------------------------------------------------------------------

    def _take_webhooks(self) -> None:
        self._pending += self._there.hints
        self._there.hints.clear()

    def _word(self, kind: str) -> str:
        self._words += 1
        return f"{kind}{self._words}"

    def _ticket(self) -> Ticket | None:
        count = max(1, len(self._there.tickets))
        with self._helpdesk.begin() as work:
            return work.tickets.get(self._random.randint(1, count))

    def _name_of(self, ticket: Ticket | None) -> str:
        return ticket.assignee.name.lower() if ticket is not None and ticket.assignee is not None else ""

    def _clicks(self, action: str, by: str, inputs: dict[str, str] | None = None) -> bool:
        ticket = self._ticket()
        if ticket is None or not self._card_of(ticket):
            return False
        outcome = self._helpdesk.click(by, Button(action, "", ticket.token), conversation=ROOM, inputs=inputs)
        return outcome.kind.value == "done"

    def _card_of(self, ticket: Ticket) -> str:
        """The card of a ticket in the room; empty where it is not delivered, or another one stands for it."""
        shown = self._helpdesk.screen.items()
        cards = (
            message
            for message, one in shown
            if one.conversation.space == ROOM.space and is_card(one.reply, ticket.reference)
        )
        return next(cards, "")

    def _under_card(self, who: str, ticket: Ticket, text: str) -> bool:
        card = self._card_of(ticket)
        if not card:
            return False
        thread = replace(ROOM, thread=card)
        utterance = self._helpdesk.writes(who, text, ticket.reference, conversation=thread)
        self._written.append((who, utterance))
        return True

    def _at_agents(self, **changes: object) -> bool:
        alive = sorted(set(self._there.tickets) - self._there.deleted)
        if not alive:
            return False
        try:
            self._there.update(self._random.choice((ANN, BOB)), self._random.choice(alive), **changes)
        except Refusal:
            return False
        return True

    def _agents_comment(self) -> tuple[int, Json] | None:
        found = [
            (number, one)
            for number in sorted(self._there.comments)
            for one in self._there.comments[number]
            if one["author_id"] != OURS and TOKEN.search(one["plain_body"])
        ]
        return self._random.choice(found) if found else None

    def _agents_words(self) -> list[str]:
        return [
            one["plain_body"]
            for comments in self._there.comments.values()
            for one in comments
            if one["author_id"] != OURS
        ]

    def _at_employees(self) -> list[Shown]:
        return [one for one in self._helpdesk.screen.values() if one.conversation.space != ROOM.space]

    def _ever_told(self) -> list[str]:
        return [
            text_of(one.reply)
            for one in self._helpdesk.posts
            if one.conversation.space != ROOM.space and not one.home
        ]

    def _account(self, ticket: Ticket) -> str:
        if ticket.assignee is None:
            return NOBODY
        with self._helpdesk.begin() as work:
            found = work.people.identities(ticket.assignee)
        return next((one.external_id for one in found if one.channel == self._desk.channel), NOBODY)


def _account_there(remote: dict[str, object]) -> str:
    return NOBODY if remote["assignee_id"] in (None, OURS) else str(remote["assignee_id"])
