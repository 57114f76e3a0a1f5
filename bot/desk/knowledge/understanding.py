"""Parses a message: cleans and matches it, and decides what to do with the match result."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.desk.knowledge.library import ContentSnapshot, Library
from bot.desk.ports.wording import Wording
from bot.domain.conversations import own_words
from bot.domain.conversations.commands import ParsedCommand, parse_command
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Addressed, Change, Utterance
from bot.domain.conversations.short_replies import ShortReplies, ShortReply
from bot.domain.conversations.signs import is_only_signs
from bot.domain.conversations.standalone import refers_back
from bot.domain.knowledge.content import Intent
from bot.domain.knowledge.decision import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Escalate,
    MatchResult,
    OpenTicket,
    Thresholds,
    Tolerance,
    decide,
)
from bot.domain.people import Person
from bot.domain.secrets.masking import clean, visible

# Actions of the desk that people add to what they forward, and that say nothing of it.
_COURTESIES = frozenset({"greeting", "thanks", "goodbye", "remark"})
REMARK = "remark"
_FEW_WORDS = 12  # of somebody's own, beside what they forward
_NO_MORE_THAN_ASKED = 4  # words of somebody who only asks that it be looked at
_BESIDE = 0.1  # confidence of another target that somebody's own words speak for


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """Policy of the desk: tolerance, language, and how long messages belong together."""

    tolerance: Tolerance
    language: str
    grouping_window: timedelta = timedelta(minutes=2)
    patience: timedelta = timedelta(minutes=30)  # for a reply to the bot, where there are no threads
    offer_tickets: bool = True  # in help channels, for what is neither surely a request nor surely none
    short_replies: ShortReplies = field(default_factory=ShortReplies)


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """Message that was cleaned and masked, with its match result and the decision that follows from it.

    `text` has what was forwarded too, under its author's name; `replied_to` is what it replies to, and is
    shown to whoever reads the message. `action` is an action of the desk that was surely meant, `short` what
    the text is as a short reply.
    """

    text: str
    masked: bool
    result: MatchResult
    decision: Decision
    action: str | None
    command: ParsedCommand | None
    short: ShortReply | None = None
    replied_to: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether nothing in the text is visible."""
        return not visible(self.text)

    @property
    def only_signs(self) -> bool:
        """Tell whether it says nothing in words."""
        return is_only_signs(self.text)

    @property
    def passed_on(self) -> str:
        """Return the text for whoever reads it apart from the conversation: with what it replies to."""
        return f"{self.replied_to}\n\n{self.text}" if self.replied_to else self.text


class Understanding:
    """Understanding of a message on its own, and of the language in which to answer it."""

    def __init__(self, library: Library, wording: Wording, policy: DeskPolicy) -> None:
        self._library = library
        self._languages = wording.languages
        self.policy = policy

    @property
    def snapshot(self) -> ContentSnapshot:
        """Return the content and matcher in force."""
        return self._library.snapshot

    def thresholds(self, result: MatchResult) -> Thresholds:
        """Return the thresholds for a match result, by the matcher in force."""
        return self._library.thresholds(self.policy.tolerance, result)

    def parse(self, utterance: Utterance) -> ParsedMessage:
        """Clean and match a message that was masked, and decide; an edited or deleted one is not matched."""
        text, masked = clean(own_words.said(utterance)), utterance.masked
        replied_to = clean(own_words.replied_to(utterance))
        if utterance.change is not Change.NEW:
            return ParsedMessage(text, masked, MatchResult(), Escalate(), None, None, None, replied_to)
        result = self._match(text)
        decision = self.decide(result)
        own, forwarded = own_words.parted(text)
        action, short = self.action_of(decision), None if forwarded else self.policy.short_replies.read(own)
        if action is None and short is None and not forwarded and not result.needs_person:
            action = self.policy.short_replies.small_talk(own)
        if short is ShortReply.UNSOLVED and action in _COURTESIES:
            decision, action = AskBack(), None  # “thanks for nothing” is no thanks
        pointed = utterance.addressed is Addressed.MENTION and not forwarded and result.asks
        says_little = isinstance(decision, Escalate) and len(own.split()) <= _NO_MORE_THAN_ASKED
        if pointed and (action == REMARK or says_little) and refers_back(own):
            decision, action = AskBack(), None  # “can you look at this?”, “¿puedes mirarlo?”: at what?
        solved = action == "solved" and short is None
        if solved and result.asks and not self.policy.short_replies.tells_success(own):
            decision, action = Escalate(), "not_solved"  # “¿podéis arreglarlo?”
        command = parse_command(own)
        return ParsedMessage(text, masked, result, decision, action, command, short, replied_to)

    def parsed(self, text: str, result: MatchResult) -> ParsedMessage:
        """Return a text that was cleaned and matched before, with what follows from it as a question."""
        decision = self.decide(result)
        if self.action_of(decision) is not None:
            decision = Escalate()
        if self.policy.short_replies.read(text) is not None:  # what does “hmm” ask?
            decision = AskBack()
        return ParsedMessage(text, False, result, decision, None, None)

    def match(self, text: str, language: str) -> MatchResult:
        """Match a longer text without a network call, since somebody waits for the answer already."""
        return self._match(text, language, here=True)

    def _match(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match a person's own words, and with them what they forward where they say little themselves."""
        own, forwarded = own_words.parted(text)
        result = self._library.match(own, language, here=here) if visible(own) else MatchResult()
        if not visible(forwarded) or self._says_enough(own, result):
            return result
        found = self._library.match(forwarded, language, here=here)
        if visible(own) and not result.vague:
            both = self._library.match(f"{own}\n{forwarded}", language, here=here)
            # Courtesies only make the same target less sure; other words may mean another one beside it.
            found = both if _tells_more(both, found) else found
        # It is answered in the language of who asks, however the forwarded words were written.
        return replace(found, language=result.language or found.language, angry=found.angry or result.angry)

    def _says_enough(self, own: str, result: MatchResult) -> bool:
        if not visible(own):
            return False
        decision = self.decide(result)
        sure = isinstance(decision, Answer | Choose | OpenTicket)
        return len(own.split()) > _FEW_WORDS or (sure and self.action_of(decision) not in _COURTESIES)

    def decide(self, result: MatchResult) -> Decision:
        """Decide at the thresholds in force; an action of the desk is never part of a choice."""
        content, thresholds = self.snapshot.content, self.thresholds(result)
        requests, remarks = content.service_requests, content.remarks
        decision = decide(result, thresholds, requests=requests, remarks=remarks)
        return decision if isinstance(decision, Answer) else self.decide_without_actions(result)

    def decide_without_actions(self, result: MatchResult) -> Decision:
        """Decide between articles, replies and service requests alone."""
        content = self.snapshot.content
        shown = tuple(match for match in result.matches if not _is_action(content.intent(match.target)))
        thresholds, requests = self.thresholds(result), content.service_requests
        return decide(replace(result, matches=shown), thresholds, requests=requests)

    def action_of(self, decision: Decision) -> str | None:
        """Return the action of the desk that a decision answers with, None for an article or reply."""
        if not isinstance(decision, Answer):
            return None
        intent = self.snapshot.content.intent(decision.match.target)
        return intent.action if intent else None

    def language(
        self, utterance: Utterance, parsed: ParsedMessage, episode: Episode | None, person: Person
    ) -> str:
        """Return the language of the answer: the text's, the episode's, the person's, else the desk's.

        The person's is that of what they wrote before, else the profile's. A short reply of one word, such as
        “ok” or “no”, is said in any language.
        """
        result = parsed.result
        one_word = parsed.short is not None and len(parsed.text.split()) == 1
        if result.language in self._languages and not (one_word and episode is not None):
            return result.language or ""
        if episode is not None:
            return episode.language
        return person.language or self.supported_language(utterance) or self.policy.language

    def profile_language(self, utterance: Utterance) -> str:
        """Return the profile's language where there is wording for it, else the desk's."""
        return self.supported_language(utterance) or self.policy.language

    def supported_language(self, utterance: Utterance) -> str | None:
        """Return the profile's language where there is wording for it, else None."""
        language = (utterance.locale or "")[:2].lower()
        return language if language in self._languages else None


def _tells_more(both: MatchResult, alone: MatchResult) -> bool:
    if both.best is None or alone.best is None or both.best.target != alone.best.target:
        return True
    return any(match.confidence >= _BESIDE for match in both.matches[1:])


def _is_action(intent: Intent | None) -> bool:
    return intent is not None and intent.action is not None
