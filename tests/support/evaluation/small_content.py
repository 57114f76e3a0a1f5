"""A small content, and a matcher whose every finding the test writes."""

from collections.abc import Mapping

from bot.domain.knowledge.content import Article, Content, Intent, ServiceRequest
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.traffic import Prior
from bot.evaluation.judging import MatchedQuestion
from bot.evaluation.targets import Targets


def article(name: str, title: str, *questions: str, language: str = "en") -> Article:
    return Article(id=name, title=title, body=f"About {title}.", language=language, questions=questions)


def content(*articles: Article, intents: tuple[Intent, ...] = (), mark: str = "h") -> Content:
    versions: dict[str, dict[str, Article]] = {}
    for one in articles:
        versions.setdefault(one.id, {})[one.language] = one
    return Content(versions, {one.id: one for one in intents}, mark)


DESK = content(
    article("password", "Reset a forgotten password", "I forgot my password"),
    article("vpn", "Connect to the VPN"),
    article("printer", "Fix a printer"),
    intents=(
        Intent("forgot", {"en": ("forgot my pwd", "cant log in")}, article="password"),
        Intent("tunnel", {"en": ("vpn is down",), "es": ("la vpn no va",)}, article="vpn"),
        Intent("lunch", {"en": ("what is for lunch", "menu today")}, reply={"en": "See the canteen's page."}),
        Intent("person", {"en": ("get me somebody",)}, action="person"),
        Intent("joke", {"en": ("haha mondays",)}, action="remark"),
        Intent("laptop", {"en": ("new laptop",)}, opens=ServiceRequest({"en": "New laptop"})),
        Intent("screen", {"en": ("new screen",)}, opens=ServiceRequest({"en": "New screen"})),
    ),
)


class WrittenMatcher:
    """Finds what was written for each text; nothing for any other."""

    version = "written-1"
    provisional = False
    lacking = False

    def __init__(self, results: Mapping[str, MatchResult]) -> None:
        self._results = results
        self.heard: list[str] = []

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        self.heard.append(text)
        return self._results.get(text, MatchResult())

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        return Thresholds(1 - max_wrong, 0.2)

    @property
    def prior(self) -> Prior:
        return Prior()

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        return Thresholds(0.4, 0.4, 0.0)


def found(*matches: tuple[str, float], vague: bool = False) -> MatchResult:
    return MatchResult(tuple(Match(target, confidence) for target, confidence in matches), vague=vague)


def asked(
    expected: str | None, *matches: tuple[str, float], text: str = "", vague: bool = False
) -> MatchedQuestion:
    question = Question(text or f"about {expected}", expected, "en")
    return MatchedQuestion(question, Targets(DESK).of(expected), found(*matches, vague=vague))
