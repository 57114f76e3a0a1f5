"""Runs shadow mode: the bot decides in silence, and asks the engineer which article would have helped."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.desk.context import RequestContext
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import NAME_ARTICLE
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Block, Button, Field, Line, Option
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Answer, Choose, Decision, MatchResult, OpenTicket
from bot.domain.knowledge.shadow import ALL, NO_ARTICLE, SilentDecision
from bot.domain.tickets.ticket import Ticket

CANDIDATES = 5  # that the engineer may pick
ARTICLE, OTHER = "article", "other"  # the form's fields
NONE = "none"  # option: no article would have helped


@dataclass(frozen=True, slots=True)
class NamedArticle:
    """Article that an engineer named: a target, `NO_ARTICLE`, or None where nothing was entered.

    `unknown` is a typed name that no article has, `similar` are the targets with a name like it.
    """

    target: str | None = None
    unknown: str = ""
    similar: tuple[str, ...] = ()


class ShadowMode:
    """Shadow mode: keeps silent decisions, shows them on cards, and reads the engineers' verdicts."""

    def __init__(self, wording: Wording, library: Library, channels: frozenset[str] = frozenset()) -> None:
        self._wording = wording
        self._library = library
        self._channels = channels

    def is_silent(self, context: RequestContext) -> bool:
        """Tell whether the bot is silent in the channel of this utterance."""
        return bool(self._channels & {ALL, context.utterance.conversation.channel})

    def keep(
        self,
        context: RequestContext,
        episode_id: int,
        decision: Decision,
        result: MatchResult,
        decision_id: int,
    ) -> None:
        """Keep the silent decision about an episode, now that it has its ticket."""
        ticket_id = context.work.episodes.get(episode_id).ticket_id
        if ticket_id is None:
            raise LookupError(f"episode {episode_id} has no ticket")
        shown = _shown(decision)
        others = [
            (match.target, match.confidence)
            for match in result.matches
            if match.target not in dict(shown) and self._can_be_shown(match.target)
        ]
        candidates = tuple((target, round(confidence, 4)) for target, confidence in (*shown, *others))
        silent = SilentDecision(
            ticket_id,
            context.utterance.conversation.channel,
            context.at,
            type(decision).__name__.lower(),
            candidates[: max(CANDIDATES, len(shown))],
            len(shown),
        )
        context.work.shadow.add(silent, decision_id)

    def lines(self, work: UnitOfWork, ticket: Ticket, language: str) -> list[Block]:
        """Render the card's lines: the silent decision, and what would have helped."""
        silent = work.shadow.of(ticket.id)
        if silent is None:
            return []
        titles = "; ".join(
            self._wording.say(
                language,
                "card.tried.article",
                title=self._title(target, language),
                percent=min(round(confidence * 100), 99),
            )
            for target, confidence in silent.candidates[: max(silent.shown, 1)]
        )
        kind = silent.kind if titles or silent.kind != "escalate" else "nothing"
        key = f"card.shadow.{kind}"
        lines = [Line(self._wording.say(language, key, titles=titles))]
        if silent.named is not None:
            key = "card.shadow.named" if silent.named != NO_ARTICLE else "card.shadow.named_none"
            lines.append(Line(self._wording.say(language, key, title=self._title(silent.named, language))))
        return list(lines)

    def fields(
        self, work: UnitOfWork, ticket: Ticket, language: str, typed: Mapping[str, str] | None = None
    ) -> tuple[Field, ...]:
        """Build the fields for an engineer who resolves, with `typed` or the article named before."""
        silent = work.shadow.of(ticket.id)
        if silent is None:
            return ()
        typed = typed or {}
        options = [
            Option(str(index), self._title(target, language))
            for index, (target, _) in enumerate(silent.candidates)
        ]
        options.append(Option(NONE, self._wording.say(language, "form.article.none")))
        picked = Field(
            ARTICLE,
            self._wording.say(language, "form.article"),
            hint=self._wording.say(language, "form.article.hint"),
            required=False,
            options=tuple(options),
            initial=typed.get(ARTICLE, _option_of(silent)),
        )
        other = Field(
            OTHER,
            self._wording.say(language, "form.other"),
            hint=self._wording.say(language, "form.other.hint"),
            multiline=False,
            required=False,
            initial=typed.get(OTHER, ""),
        )
        return (picked, other)

    def menu(self, work: UnitOfWork, ticket: Ticket, language: str) -> tuple[Button, ...]:
        """Return the button that names an article for a ticket that has ended, however it ended."""
        if ticket.live or work.shadow.of(ticket.id) is None:
            return ()
        return (Button(NAME_ARTICLE, self._wording.say(language, f"button.{NAME_ARTICLE}"), ticket.token),)

    def read_named(self, work: UnitOfWork, ticket: Ticket, inputs: Mapping[str, str]) -> NamedArticle:
        """Read the article from the form; a typed one wins over a picked one."""
        silent = work.shadow.of(ticket.id)
        if silent is None:
            return NamedArticle()
        typed = " ".join(inputs.get(OTHER, "").split())
        if typed:
            return self._find_typed(typed[:200])
        picked = inputs.get(ARTICLE, "")
        if picked == NONE:
            return NamedArticle(NO_ARTICLE)
        index = int(picked) if picked.isdecimal() and len(picked) < 3 else -1
        known = 0 <= index < len(silent.candidates)
        return NamedArticle(silent.candidates[index][0] if known else None)

    def keep_named(
        self, work: UnitOfWork, ticket: Ticket, named: NamedArticle, context: RequestContext
    ) -> dict[str, str]:
        """Keep the named article; return the details for the ticket's history."""
        if named.target is None:
            return {}
        work.shadow.name_article(ticket.id, named.target, context.person, context.at)
        return {"article": named.target or NONE}

    def _find_typed(self, typed: str) -> NamedArticle:
        """Find the target with this id or title, in any language."""
        names = _targets_by_name(self._library.snapshot.content)
        key = typed.casefold()
        target = names.get(key)
        if target is not None:
            return NamedArticle(target)
        similar = dict.fromkeys(names[name] for name in get_close_matches(key, names, n=3, cutoff=0.5))
        return NamedArticle(unknown=typed, similar=tuple(similar))

    def explain_unknown(self, context: RequestContext, named: NamedArticle) -> str:
        """Word the sentence that an article does not exist, with similar ones."""
        near = "; ".join(f"{self._title(target, context.language)} ({target})" for target in named.similar)
        key = "refused.no_article_near" if near else "refused.no_article"
        return context.say(key, typed=named.unknown, near=near)

    def _title(self, target: str, language: str) -> str:
        return self._library.snapshot.content.title(target, language)

    def _can_be_shown(self, target: str) -> bool:
        intent = self._library.snapshot.content.intent(target)
        return intent is None or intent.action is None


def _shown(decision: Decision) -> tuple[tuple[str, float], ...]:
    match decision:
        case Answer(match) | OpenTicket(match):
            return ((match.target, match.confidence),)
        case Choose(matches):
            return tuple((match.target, match.confidence) for match in matches)
    return ()


def _option_of(silent: SilentDecision) -> str:
    """Return the option of what was named before, empty where there is none."""
    if silent.named == NO_ARTICLE:
        return NONE
    targets = [target for target, _ in silent.candidates]
    return str(targets.index(silent.named)) if silent.named in targets else ""


def _targets_by_name(content: Content) -> dict[str, str]:
    """Map ids and titles, in lower case, to targets; an id wins over a title."""
    titles = {
        article.title.casefold(): target
        for target, versions in content.articles.items()
        for article in versions.values()
    }
    intents = {
        intent.id.casefold(): intent.target for intent in content.intents.values() if intent.action is None
    }
    return titles | intents | {target.casefold(): target for target in content.articles}
