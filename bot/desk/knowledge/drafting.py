"""Makes the draft of an article of a resolved ticket: of what was asked, and what helped; never of a note."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.excerpts import first_words
from bot.domain.conversations.markdown import escape, fence
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.drafts.names import KnownNames, fold
from bot.domain.drafts.redaction import Taken, comparable, counted, named, redact, without_signs
from bot.domain.drafts.sentences import Step, examples_of, steps_of, symptoms_of
from bot.domain.errors import NothingToDraft
from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.gap import MissedQuestion
from bot.domain.knowledge.ids import alike, free_id
from bot.domain.people import Person
from bot.domain.tickets.ticket import Ticket

MOST_MESSAGES = 200  # of the conversation, the newest
_CODE = re.compile(r"`[^`\n]+`")
_HELD = "\uf000"  # for private use, and in no redacted text
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Words:
    """Words about a ticket that its requester has written or read, as they are."""

    questions: tuple[str, ...]  # its own first, then those of tickets that were merged into it
    said: tuple[str, ...]
    details: tuple[tuple[str, str], ...]  # the label, and the answer
    helped: tuple[str, ...]  # the assignees' messages, and the resolution note
    alike: tuple[str, ...] = ()  # what others asked who want the same

    @property
    def all(self) -> tuple[str, ...]:
        answers = (answer for _, answer in self.details)
        return (*self.questions, *self.said, *answers, *self.helped, *self.alike)

    def redacted(self, names: KnownNames) -> "_Words":
        """Return the same words without what no article may say."""

        def clean(texts: Sequence[str]) -> tuple[str, ...]:
            return tuple(redact(text, names) for text in texts)

        labels, answers = [label for label, _ in self.details], [answer for _, answer in self.details]
        details = tuple(zip(clean(labels), clean(answers), strict=True))
        questions, alike = clean(self.questions), clean(self.alike)
        return _Words(questions, clean(self.said), details, clean(self.helped), alike)


class ArticleDrafting:
    """Drafts of articles; deterministic: the same ticket gives the same draft."""

    def __init__(self, wording: Wording, library: Library) -> None:
        self._say = wording.say
        self._wording = wording
        self._library = library
        self._checklists = Checklists(wording.say, library)

    def draft(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        today: date,
        language: str = "",
        others: Sequence[str] = (),
    ) -> ArticleDraft:
        """Make the draft, in the ticket's language where none is given.

        `others`: what others asked in vain who want the same; their sentences become examples, too. Raises
        `NothingToDraft` where the ticket is not resolved, or its words are gone.
        """
        if not ticket.settled:
            raise NothingToDraft(
                f"{ticket.reference} is not resolved for its own requester, so nobody knows what helped; "
                "resolve it first."
            )
        words = replace(self._words(work, ticket), alike=tuple(others))
        if not words.questions:
            raise NothingToDraft(f"The words of {ticket.reference} were deleted; choose another ticket.")
        words = words.redacted(self._names(work, words, _involved(work, ticket)))
        return self._composed(ticket.reference, ticket.queue, words, today, ticket.language, language)

    def draft_gap(
        self, work: UnitOfWork, questions: Sequence[MissedQuestion], today: date, language: str = ""
    ) -> ArticleDraft:
        """Make the draft of what several people asked in vain, the most central question first.

        What helps is left to its author. Raises `NothingToDraft` where all words are gone.
        """
        asked = tuple(one.sentence for one in questions if one.text.strip())
        if not asked:
            raise NothingToDraft("The words of all these questions were deleted; choose another gap.")
        words = _Words(asked[:1], (), (), (), asked[1:])
        words = words.redacted(self._names(work, words, {one.asker for one in questions if one.asker}))
        queue = next((one.queue for one in questions if one.queue), "")
        return self._composed("", queue, words, today, questions[0].language, language)

    def _names(self, work: UnitOfWork, words: "_Words", involved: set[str]) -> KnownNames:
        vocabulary = vocabulary_of(self._library.snapshot.content)
        return KnownNames.among(map(comparable, words.all), involved, work.people.every_name(), vocabulary)

    def _words(self, work: UnitOfWork, ticket: Ticket) -> _Words:
        merged = work.assignments.merged_into(ticket.id)
        asked = [one.question_id for one in (ticket, *merged) if not work.texts.is_erased(one.question_id)]
        details = [
            (self._checklists.label(one, ticket.language), work.texts.get(one.text_id))
            for one in work.details.of(ticket.id)
            if one.text_id is not None
        ]
        note = work.texts.get(ticket.note_id) if ticket.note_id is not None else ""
        helped = [*(text for _, text in work.relays.sent(ticket.id)), note]
        questions = tuple(text for text in map(work.texts.get, asked) if text.strip())
        messages = [one.text for one in work.timeline.about(ticket, MOST_MESSAGES) if one.reply is None]
        said = (text for text in messages if not any(text.strip() in question for question in questions))
        return _Words(questions, tuple(said), tuple(details), tuple(filter(None, helped)))

    def _composed(
        self, reference: str, queue: str, words: _Words, today: date, spoken: str, language: str
    ) -> ArticleDraft:
        content, language = self._library.snapshot.content, language or spoken
        symptoms = symptoms_of((*words.questions, *words.said))
        title = self._title(symptoms, words.questions[0], reference, language)
        taken = {alike(name) for name in (*content.articles, *content.intents)}
        name = free_id(title, taken)
        body = self._body(words, symptoms, spoken, language)
        owner = content.queues.label(queue, spoken)
        article = Article(name, title, body, language, owner=owner or None, updated=today)
        examples = examples_of(words.questions, words.alike)
        intent = Intent(name, {spoken: examples} if examples else {}, article=name)
        return ArticleDraft(reference, article, intent, counted(words.all))

    def _title(self, symptoms: Sequence[str], question: str, reference: str, language: str) -> str:
        told = (without_signs(one).strip(" .,;:!…") for one in (*symptoms, *question.splitlines()))
        first = next((one for one in told if len(one.split()) > 1), "")
        title = first_words(first) or self._say(language, "draft.title", ticket=reference).strip()
        return title[:1].upper() + title[1:]

    def _body(self, words: _Words, symptoms: Sequence[str], spoken: str, language: str) -> str:
        say, signs = self._say, self._signs(language)
        steps = steps_of(words.helped)
        seen = [f"- {escape(one)}" for one in symptoms]
        seen += [f"- {escape(label)}: {escape(' '.join(answer.split()))}" for label, answer in words.details]
        done = [_step(number, step) for number, step in enumerate(steps, 1)]
        parts = [
            say(language, "new.translate", language=self._wording.language(language, spoken))
            if spoken != language
            else "",
            f"## {say(language, 'draft.symptoms')}",
            "\n".join(seen) or f"- {say(language, 'draft.no_symptoms')}",
            f"## {say(language, 'draft.steps')}",
            "\n".join(done) or f"1. {say(language, 'draft.no_steps')}",
        ]
        if words.details:
            asked = ", ".join(escape(label) for label, _ in words.details)
            parts += [f"## {say(language, 'draft.no_help')}", f"- {say(language, 'draft.tell', asked=asked)}"]
        return named("\n\n".join(filter(None, parts)), signs)

    def _signs(self, language: str) -> dict[Taken, str]:
        # Not a link: the brackets are the text.
        return {kind: f"\\[{self._say(language, f'draft.taken.{kind.name.lower()}')}\\]" for kind in Taken}


def _involved(work: UnitOfWork, ticket: Ticket) -> set[str]:
    """Return the names and accounts of everybody who had to do with a ticket."""
    merged = work.assignments.merged_into(ticket.id)
    people: list[Person | None] = [one.requester for one in (ticket, *merged)]
    people += [ticket.opened_by, ticket.assignee]
    people += [event.actor for event in work.tickets.events(ticket.id)]
    there = {person.id: person for person in people if person is not None}
    accounts = {one.external_id for person in there.values() for one in work.people.identities(person)}
    writers = {work.people.name(author) for author, _ in work.relays.sent(ticket.id) if author is not None}
    said = {one.author for one in work.timeline.about(ticket, MOST_MESSAGES)}
    return {name for name in ({person.name for person in there.values()} | accounts | writers | said) if name}


def vocabulary_of(content: Content) -> frozenset[str]:
    """Return the words of the content's titles and tags, by which it names things."""
    texts = (
        text
        for versions in content.articles.values()
        for article in versions.values()
        for text in (article.title, *article.tags)
    )
    return frozenset(word for text in texts for word in _WORD.findall(fold(text)))


def _step(number: int, step: Step) -> str:
    spans = _CODE.findall(step.text)
    text = escape(_CODE.sub(_HELD, step.text))
    for span in spans:
        text = text.replace(_HELD, span, 1)
    if not step.code:
        return f"{number}. {text}"
    indent = " " * (len(str(number)) + 2)
    code = "\n".join(f"{indent}{line}" for line in fence(step.code).splitlines())
    return f"{number}. {text}\n\n{code}".replace(f"{number}. \n\n{indent}", f"{number}. ", 1)
