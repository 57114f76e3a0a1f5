"""Tells owners once, in chat, of articles that need them; where nobody is known, the room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from bot.desk.automation.reports.owners import Owners
from bot.desk.automation.reports.sign_texts import SignTexts
from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import ArticleTold, UnitOfWork, UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import ConversationRef
from bot.domain.insights.article_signs import MOST_SHOWINGS, ArticleSign, Sign, find_signs, version_of
from bot.domain.knowledge.content import Article, Content

LOT = 5  # articles of one look, which takes a thread of the database for some milliseconds

Articles = Mapping[str, Article]  # of one id, by language


class OwnerNotices:
    """Notices to owners: each day, while the desk is open, all articles are looked at, lot by lot.

    Every replica looks; what is told is entered together with the post, so that it is told once.
    """

    def __init__(
        self,
        begin: UnitsOfWork,
        library: Library,
        rooms: QueueRooms,
        owners: Owners,
        wording: Wording,
        language: str,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._library = library
        self._rooms = rooms
        self._owners = owners
        self._wording = wording
        self._language = language
        self._clock = clock
        self._done: date | None = None  # the day on which nothing is left to look at
        self._left: list[str] = []
        self._unreached: frozenset[str] = frozenset()  # articles whose owner could not be told
        self._found: dict[str, list[ArticleSign]] = defaultdict(list)

    def look(self) -> bool:
        """Look at the next articles, and tell when all are looked at; return whether there is more to do."""
        queue = self._rooms.queues.of("")
        now = self._clock()
        today = queue.hours.local(now).date()
        if self._done == today or not queue.hours.is_open(now):
            return False
        content = self._library.snapshot.content
        if not self._left:
            self._found.clear()
            with self._begin() as work:
                self._unreached |= work.articles.take_back_undelivered()
            self._left = sorted(content.articles)
        lot, self._left = self._left[:LOT], self._left[LOT:]
        self._look_at({name: content.articles[name] for name in lot if name in content.articles}, content)
        if self._left:
            return True
        self._tell_all(content)
        self._done, self._unreached = today, frozenset()
        return False

    def _look_at(self, articles: Mapping[str, Articles], content: Content) -> None:
        """Find what is to be told of some articles; forget what was told and is over."""
        now = self._clock()
        versions = {name: version_of(its) for name, its in articles.items()}
        wanted = _languages(content, self._wording.languages)
        with self._begin.reading() as work:
            unknown = work.articles.unknown(versions)
        if unknown:
            with self._begin() as work:
                work.articles.note_versions(unknown, now)
        with self._begin.reading() as work:
            told = work.articles.told(versions)
            records = work.articles.records(versions, MOST_SHOWINGS)
        signs = [one for name, its in articles.items() for one in find_signs(its, records[name], wanted, now)]
        for one in signs:
            if (one.target, one.sign) not in told:
                alone = one.target in self._unreached
                self._found["" if alone else _owner(articles[one.target], self._language)].append(one)
        over = told - {(one.target, one.sign.value) for one in signs}
        if over:
            with self._begin() as work:
                for target, sign in sorted(over):
                    work.articles.forget_told(target, versions[target], sign)

    def _tell_all(self, content: Content) -> None:
        waiting = self._waiting()
        to_room: list[ArticleSign] = []
        for owner, signs in sorted(self._found.items()):
            told = [one for one in signs if one.sign is not Sign.UNUSED or one.target not in waiting]
            if told and not (owner and self._tell_owner(owner, told, content)):
                to_room += told
        if to_room:
            self._tell_room(to_room, content)

    def _waiting(self) -> frozenset[str]:
        """Return what was shown of late, where it is looked for: its windows are open still."""
        if not any(one.sign is Sign.UNUSED for signs in self._found.values() for one in signs):
            return frozenset()
        with self._begin.reading() as work:
            return work.articles.waiting()

    def _tell_owner(self, owner: str, signs: Sequence[ArticleSign], content: Content) -> bool:
        """Tell an owner; return False where they cannot be reached."""
        now = self._clock()
        with self._begin() as work:
            reached = self._owners.reach(work, owner, f"owner.{now:%Y%m%d}")
            if reached is None:
                return False
            known = reached.language in self._wording.languages
            language = reached.language if reached.language and known else self._language
            self._post(work, (reached.place,), signs, content, language, to_owner=True)
        return True

    def _tell_room(self, signs: Sequence[ArticleSign], content: Content) -> None:
        rooms = self._rooms.of_named("")
        if rooms:  # else it is told when there is one
            with self._begin() as work:
                self._post(work, rooms, signs, content, self._language, to_owner=False)

    def _post(
        self,
        work: UnitOfWork,
        places: Sequence[ConversationRef],
        signs: Sequence[ArticleSign],
        content: Content,
        language: str,
        *,
        to_owner: bool,
    ) -> None:
        """Post what no other replica has told, and enter that it is told."""
        now = self._clock()
        versions = {one.target: version_of(content.articles[one.target]) for one in signs}
        conversations = sorted({work.conversations.open(place) for place in places})
        work.conversations.lock(conversations)
        mine = [
            one
            for one in sorted(signs, key=lambda one: (list(Sign).index(one.sign), one.target))
            if work.articles.mark_told(one.target, versions[one.target], one.sign, now)
        ]
        work.facts += [ArticleTold(one.sign) for one in mine]
        if mine:
            reply = SignTexts(self._wording, content.title).notice(language, mine, to_owner=to_owner)
            posts = [work.outbox.say(conversation_id, reply, now) for conversation_id in conversations]
            told = [(one.target, versions[one.target], one.sign.value) for one in mine]
            work.articles.keep_post(told, posts[-1])


def _owner(versions: Articles, language: str) -> str:
    """Return the owner of an article: the one that its version in this language names, else any."""
    first = versions.get(language)
    named = [first.owner] if first is not None else []
    return next((owner for owner in (*named, *(one.owner for one in versions.values())) if owner), "")


def _languages(content: Content, spoken: Sequence[str]) -> tuple[str, ...]:
    """Return the languages in which there is wording and content."""
    used = {language for its in content.articles.values() for language in its}
    used |= {language for intent in content.intents.values() for language in intent.examples}
    return tuple(language for language in spoken if language in used)
