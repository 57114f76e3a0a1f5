"""A desk whose answers are promised with a certainty that its labelled questions certify."""

from dataclasses import replace
from typing import Any

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Button, Outcome
from bot.domain.knowledge.decision import MatchResult, Mix, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import PromiseState
from bot.domain.knowledge.traffic import Prior
from tests.support.desk.helpdesk import Given, Helpdesk

SURE, SURE_ANSWER = "I forgot my password", "password-reset"
ASKED = (Question(SURE, SURE_ANSWER, "en"),)


class CertifiedMatcher:
    """The real matcher, as if labelled questions certified what is expected."""

    provisional = lacking = False

    def __init__(self, matcher: Any) -> None:
        self.matcher = matcher
        self.version = str(matcher.version)

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """As the real one."""
        found: MatchResult = self.matcher.find(text, language, here=here)
        return found

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        """What is expected, certified."""
        proposed: Thresholds = self.matcher.thresholds(max_wrong, words_alone=words_alone, mix=mix)
        return proposed

    @property
    def prior(self) -> Prior:
        """As the real one's."""
        found: Prior = self.matcher.prior
        return found

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        """As the real one's."""
        proposed: Thresholds = self.matcher.two_way(mix)
        return proposed


def certified(library: Library, questions: tuple[Question, ...] = ASKED) -> Library:
    """The same content with these labelled questions, which certify its thresholds."""
    snapshot = library.snapshot
    content = replace(snapshot.content, questions=questions, hash=f"{snapshot.content.hash}{questions}")
    made = Library(Given(content), lambda _content, _before: CertifiedMatcher(snapshot.matcher))
    assert made.load()
    return made


def button_of(helpdesk: Helpdesk, person: str, action: str) -> Button:
    """The newest such button in a person's private chat; a long article has them under its first part."""
    space = helpdesk.direct(person).space
    return next(
        button
        for reply in reversed(helpdesk.in_space(space))
        for button in reply.buttons
        if button.action == action
    )


def judge(helpdesk: Helpdesk, person: str, action: str = "person", text: str = SURE) -> Outcome:
    """Let somebody ask, and click a button under the answer."""
    helpdesk.say(person, text)
    return helpdesk.click(person, button_of(helpdesk, person, action))


def state_of(helpdesk: Helpdesk) -> PromiseState:
    """What judged answers say of the promise so far."""
    with helpdesk.begin() as work:
        return work.promises.read(helpdesk.desk.promise.key)


def counts_of(helpdesk: Helpdesk) -> tuple[int, int]:
    """How many answers were judged, and how many of them were wrong."""
    evidence = state_of(helpdesk).evidence
    return evidence.judged, evidence.wrong
