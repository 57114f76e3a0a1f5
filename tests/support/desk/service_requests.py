"""A desk whose content has service requests and remarks, and a matcher that finds them in written texts."""

from dataclasses import replace

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import Matcher
from bot.domain.knowledge.content import Content, Intent, ServiceRequest
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.traffic import Prior
from tests.support.desk.helpdesk import Given

LAPTOP, LAPTOP_ES = "the new joiner needs a laptop", "necesito un portátil nuevo"
MONITOR, EITHER = "another flurbostat please", "a laptop or a monitor"
FAR = "my flurbostat's order is *green* <!channel> & goo"  # its closest match is far from it
BESIDE_AN_ARTICLE, REMARK = "password of the laptop order", "haha, mondays"
INTENTS = (
    Intent(
        "new-laptop",
        {"en": (LAPTOP,), "es": (LAPTOP_ES,)},
        queue="hardware",
        priority="low",
        asks={"en": ("Which model?", "By when?"), "es": ("¿Qué modelo?", "¿Para cuándo?")},
        opens=ServiceRequest(
            {"en": "New laptop", "es": "Portátil nuevo"},
            {"en": "The hardware team checks the stock.", "es": "El equipo de hardware mira el almacén."},
            "https://shop.example.com/laptops",
        ),
    ),
    Intent("new-monitor", {"en": (MONITOR,)}, opens=ServiceRequest({"en": "New monitor"})),
    Intent("remark", {"en": (REMARK,)}, action="remark"),
)
FOUND = {
    LAPTOP: (("new-laptop", 0.8), ("password-reset", 0.1)),
    LAPTOP_ES: (("new-laptop", 0.8),),
    MONITOR: (("new-monitor", 0.8),),
    EITHER: (("new-laptop", 0.4), ("new-monitor", 0.35)),
    BESIDE_AN_ARTICLE: (("password-reset", 0.4), ("new-laptop", 0.3)),
    REMARK: (("remark", 0.95),),
    FAR: (("password-reset", 0.14),),
}


class BesideTheContent:
    """The matcher of the content, which finds service requests in the texts of `FOUND` alone."""

    provisional = False
    lacking = False

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.version = matcher.version

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        matches = FOUND.get(text)
        if matches is None:
            return self._matcher.find(text, language, here=here)
        spanish = "es" if text == LAPTOP_ES else "en"
        return MatchResult(tuple(Match(*pair, why="order") for pair in matches), language=spanish)

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        return self._matcher.thresholds(max_wrong, certainty, words_alone=words_alone, mix=mix)

    @property
    def prior(self) -> Prior:
        return self._matcher.prior

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        return self._matcher.two_way(mix)


def with_service_requests(library: Library) -> Library:
    """The same content with service requests and a remark."""
    snapshot = library.snapshot
    content: Content = snapshot.content
    content = replace(content, intents=dict(content.intents) | {one.id: one for one in INTENTS})
    made = Library(Given(content), lambda _content, _before: BesideTheContent(snapshot.matcher))
    assert made.load()
    return made
