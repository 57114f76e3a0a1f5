"""Groups messages sent within two minutes into one question, and begins episodes."""

import secrets
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.knowledge.understanding import REMARK, ParsedMessage, Understanding
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.reopen_phrases import says_it_came_back
from bot.domain.conversations.standalone import (
    gives_detail,
    goes_on,
    names_shown_part,
    refers_back,
    stands_alone,
    tells_time,
    tells_trouble,
    tells_when,
)
from bot.domain.knowledge.decision import Answer, AskBack, Choose, Escalate, OpenTicket
from bot.domain.secrets.masking import LONGEST_TEXT
from bot.domain.tickets.priority import find_reasons

MOST_MESSAGES = 50  # of one question
LONGEST_QUESTION = LONGEST_TEXT  # characters of its messages together
FRAGMENT_WORDS = 3  # a message that is no longer may be a part of the one before it
DETAIL_WORDS = 8  # a message that is no longer may be a detail of what was answered
TOLD_WORDS = 16  # and one that tells no more than what they have or use


class MessageGrouping:
    """Grouping of messages into one question, in the order in which they were sent."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def join(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Episode:
        """Add a message to the episode's question, in the order in which messages were sent."""
        later = ""
        if context.at < episode.last_at:  # a message that was sent after it came in first
            later = "\n".join(context.work.episodes.texts_after(episode.id, context.at)).strip()
        before = episode.question.removesuffix(later) if later else episode.question
        lines = (
            before.strip(),
            text_with_files(context, parsed),
            later if len(before) < len(episode.question) else "",
        )
        question = "\n".join(line for line in lines if line)
        # What is told about a ticket stays in the language in which it was asked for.
        language = context.language if episode.ticket_id is None else episode.language
        joined = replace(episode, question=question, language=language)
        context.work.episodes.reword(joined)
        return joined

    def has_room(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether a question can grow by a message: what does not fit is said to the engineers apart."""
        longest = len(episode.question) + 1 + len(text_with_files(context, parsed))
        if longest > LONGEST_QUESTION:
            return False
        return context.work.episodes.count_messages(episode.id, MOST_MESSAGES) < MOST_MESSAGES

    def continues_answered(
        self, context: RequestContext, episode: Episode, parsed: ParsedMessage, tried: list[str]
    ) -> bool:
        """Tell whether a message only continues a question that was answered already."""
        result = parsed.result
        whole = result.asks or len(parsed.text.split()) > FRAGMENT_WORDS
        if parsed.empty or whole or result.vague or parsed.short is not None:
            return False
        if not self.is_within_window(context, episode):
            return False
        result = context.match(f"{episode.question}\n{parsed.text}", context.language)
        decision = self._understanding.decide(result)
        return isinstance(decision, Answer) and decision.match.target in tried

    def is_within_window(self, context: RequestContext, episode: Episode) -> bool:
        """Tell whether a message was sent within two minutes of the person's last one."""
        return context.at - episode.last_at <= self._understanding.policy.grouping_window


def is_detail(parsed: ParsedMessage) -> bool:
    """Tell whether a message only adds to what was asked: “its a pixel 8”, “la de la tercera planta”.

    It asks nothing, tells of no other trouble, and means nothing that the content surely knows; when and
    where it happens is a detail whatever else it names.
    """
    result, text = parsed.result, parsed.text
    if parsed.empty or parsed.short is not None or parsed.command is not None:
        return False
    told, tried, sure = gives_detail(text), tells_when(text), isinstance(parsed.decision, Answer | OpenTicket)
    if result.angry or result.needs_person or len(text.split()) > (TOLD_WORDS if told else DETAIL_WORDS):
        return False
    if "?" in text or (result.asks and not told and (sure or not tried)):
        return False
    if find_reasons(text) or says_it_came_back(text):  # “es urgente”: they want a person
        return False
    if parsed.action == REMARK:
        return not stands_alone(text) or tells_time(text)
    if parsed.action is not None:
        return False
    if names_shown_part(text) or (tried and not tells_trouble(text)):
        return True
    if (told or goes_on(text)) and isinstance(parsed.decision, Choose):
        return True
    if not isinstance(parsed.decision, Escalate | AskBack):
        return False
    part = not stands_alone(text) or len(text.split()) <= FRAGMENT_WORDS
    return told or refers_back(text) or (part and not tells_trouble(text))


def text_with_files(context: RequestContext, parsed: ParsedMessage) -> str:
    """Return the text of a message, with a line for its files."""
    files = f"\n📎 {context.utterance.files}" if context.utterance.files else ""
    return f"{parsed.text}{files}".strip()


def start_episode(context: RequestContext, parsed: ParsedMessage) -> Episode:
    """Start an episode with this message."""
    utterance = context.utterance
    return context.work.episodes.add(
        Episode(
            id=0,
            token=secrets.token_urlsafe(12),
            person_id=context.person.id,
            conversation_id=context.work.conversations.open(utterance.conversation),
            state=EpisodeState.CLOSED,
            language=context.language,
            last_at=context.at,
            angry=parsed.result.angry,
            question=text_with_files(context, parsed),
            link="" if utterance.conversation.private else utterance.link,
        )
    )
