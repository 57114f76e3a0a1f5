"""Makes the contexts of what people of another system do to a ticket: outside people, with no rights here."""

from dataclasses import replace
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.ports.backends import RemoteComment, RemotePerson
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.file_names import shown_name
from bot.domain.conversations.messages import Addressed, Attachment, ConversationRef, Utterance
from bot.domain.people import Identity, Person
from bot.domain.secrets.masking import clean, clean_name, mask, mask_file_name
from bot.domain.tickets.mirror import system_name

MOST_FILES = 20  # of one comment
SYSTEM = "system"  # the id of whoever changes tickets there by rules of the system


class Outside:
    """People of one system in one transaction, each met once, before anything else is locked."""

    def __init__(
        self, work: UnitOfWork, wording: Wording, language: str, ref: ConversationRef, at: datetime
    ) -> None:
        self._work = work
        self._wording = wording
        self._language = language
        self._ref = ref
        self._at = at
        self._met: dict[str, Person] = {}
        self.channel = ref.channel

    def meet(self, person: RemotePerson) -> Person:
        """Return the person behind an account there; whoever the system does not name is the system."""
        known = self._met.get(person.id)
        if known is None:
            identity = self.identity(person)
            name = clean_name(person.name or system_name(self._ref.channel), identity.external_id)
            known = self._met[person.id] = self._work.people.meet(identity, name, None, self._at)
        return known

    def identity(self, person: RemotePerson) -> Identity:
        """Return the identity of an account there."""
        return Identity(self._ref.channel, "", clean(person.id)[:200] or SYSTEM)

    def context(self, person: Person, key: str, comment: RemoteComment | None = None) -> RequestContext:
        """Make the context in which somebody there changes a ticket, or comments on it."""
        utterance = Utterance(
            keys=(f"{self._ref.channel}:{key}"[:500],),
            sender=Identity(self._ref.channel, "", SYSTEM),
            sender_name=person.name,
            conversation=self._ref,
            at=self._at,
            addressed=Addressed.THREAD,
            stranger=True,
        )
        if comment is not None:
            text, masked = mask(clean(comment.text))
            files = tuple(_attachment(comment, number) for number in _file_numbers(comment))
            utterance = replace(
                utterance, text=text, masked=masked, message=comment.id, attachments=files, files=len(files)
            )
        return RequestContext(self._work, self._wording, utterance, person, self._language)


def _file_numbers(comment: RemoteComment) -> range:
    return range(min(len(comment.files), MOST_FILES))


def _attachment(comment: RemoteComment, number: int) -> Attachment:
    file = comment.files[number]
    name, _ = mask_file_name(shown_name(clean(file.name)))
    return Attachment(
        name or "file", clean(file.media_type)[:100], max(file.size, 0), clean(file.source)[:4000]
    )
