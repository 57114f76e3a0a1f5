"""Checks all files together: duplicates, references to missing articles, missing translations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.knowledge.added_examples import Articles, Intents, add_examples
from bot.domain.knowledge.content import AddedExamples, Article, Draft, Intent, Problem, T
from bot.domain.knowledge.ids import alike, composed, nearest
from bot.domain.knowledge.labelled_question import Question
from bot.knowledge.intents import LANGUAGES

HINTED = 20  # so many missing articles get a hint
_NAMES = {"en": "English", "es": "Spanish"}


@dataclass(frozen=True)
class CheckedContent:
    """The articles and intents without duplicates, and the problems found."""

    articles: Mapping[str, Mapping[str, Article]]
    intents: Mapping[str, Intent]
    problems: Sequence[Problem]


def check(
    articles: Sequence[Draft[Article]],
    intents: Sequence[Draft[Intent]],
    examples: Sequence[Draft[AddedExamples]] = (),
) -> CheckedContent:
    """Check the drafts together; of duplicates the first counts."""
    problems: list[Problem] = []
    firsts: dict[str, dict[str, Draft[Article]]] = {}
    for article in articles:
        versions = firsts.setdefault(article.value.id, {})
        first = versions.setdefault(article.value.language, article)
        if first is not article:
            problems.append(
                _duplicate(article, "id", f"article '{article.value.id}' in {article.value.language}", first)
            )
    kept: dict[str, Draft[Intent]] = {}
    for intent in intents:
        before = kept.setdefault(intent.value.id, intent)
        if before is not intent:
            problems.append(_duplicate(intent, "intent", f"intent '{intent.value.id}'", before))
    problems += other_case("article", "id", [next(iter(versions.values())) for versions in firsts.values()])
    problems += other_case("intent", "intent", list(kept.values()))
    problems += _targets(kept.values(), firsts)
    problems += _translations(kept.values(), firsts)
    plain = {key: {lang: one.value for lang, one in versions.items()} for key, versions in firsts.items()}
    return _with_examples(plain, {key: one.value for key, one in kept.items()}, examples, problems)


def _with_examples(
    articles: Articles, intents: Intents, examples: Sequence[Draft[AddedExamples]], problems: list[Problem]
) -> CheckedContent:
    for draft in examples:
        name = draft.value.id
        if name in articles or name in intents:
            articles, intents = add_examples(articles, intents, draft.value)
        else:
            close = nearest(name, sorted({*articles, *intents}))
            hint = f"did you mean '{close}'?" if close else "correct the id or remove the file"
            message = f"there is no article or intent '{name}', and its examples are left out; {hint}"
            problems.append(Problem(draft.file, draft.line("adds_to"), message, error=False))
    return CheckedContent(articles, intents, problems)


def without_unknown_targets(
    file: str, questions: Sequence[Question], checked: CheckedContent
) -> tuple[tuple[Question, ...], list[Problem]]:
    """The labelled questions whose answer is in the content, and a problem for each other answer."""
    known = {*checked.articles, *checked.intents}
    kept = tuple(q for q in questions if q.expected is None or q.expected in known)
    problems: list[Problem] = []
    unknown: dict[str, int] = {}
    for question in questions:
        if question.expected is not None and question.expected not in known:
            unknown.setdefault(question.expected, question.line)
    for name, line in unknown.items():
        names = sorted(known) if len(problems) < HINTED else []
        close = nearest(name, names)
        hint = f"did you mean '{close}'?" if close else "correct the id or remove the line"
        message = f"there is no article or intent '{name}', and its questions are left out; {hint}"
        problems.append(Problem(file, line, message, error=False))
    return kept, problems


def _duplicate(
    draft: Draft[Article] | Draft[Intent],
    key: str,
    what: str,
    first: Draft[Article] | Draft[Intent],
) -> Problem:
    remedy = "give one of them another id"
    if draft.file != first.file and composed(draft.file) == composed(first.file):
        remedy = "the names look the same and are two (one has its accents apart); remove one file"
    return Problem(draft.file, draft.line(key), f"{what} is already in {first.file}; {remedy}")


def other_case(kind: str, key: str, drafts: Iterable[Draft[T]]) -> list[Problem]:
    """Problems of ids that differ from an earlier one in letter case alone: somebody will confuse them."""
    problems = []
    firsts: dict[str, Draft[T]] = {}
    for draft in drafts:
        first = firsts.setdefault(alike(draft.value.id), draft)
        if first is not draft:
            message = (
                f"{kind} '{draft.value.id}' is '{first.value.id}' in {first.file} but for the letter case; "
                "write the id in one way, or choose another"
            )
            problems.append(Problem(draft.file, draft.line(key), message))
    return problems


def _targets(
    intents: Iterable[Draft[Intent]], articles: Mapping[str, Mapping[str, Draft[Article]]]
) -> list[Problem]:
    problems: list[Problem] = []
    same = {alike(name): name for name in articles}
    for draft in intents:
        intent = draft.value
        if intent.article is not None and intent.article not in articles:
            # Looking for near ids is slow; a whole folder that is gone must not take minutes.
            names = list(articles) if len(problems) < HINTED else []
            close = nearest(intent.article, names)
            hint = f"did you mean '{close}'?" if close else "write the article or correct its id"
            problems.append(
                Problem(draft.file, draft.line("article"), f"there is no article '{intent.article}'; {hint}")
            )
        elif alike(intent.id) in same and intent.article != same[alike(intent.id)]:
            message = (
                f"'{same[alike(intent.id)]}' is an article's id too; "
                "point to it with 'article:' or choose another id"
            )
            problems.append(Problem(draft.file, draft.line("intent"), message, error=intent.article is None))
    return problems


def _translations(
    intents: Iterable[Draft[Intent]], articles: Mapping[str, Mapping[str, Draft[Article]]]
) -> list[Problem]:
    drafts = list(intents)
    used = {lang for versions in articles.values() for lang in versions}
    used |= {lang for draft in drafts for lang in draft.value.examples}
    wanted = [lang for lang in LANGUAGES if lang in used]
    problems = []
    for name, versions in articles.items():
        draft = next(iter(versions.values()))
        for lang in wanted if not draft.alone else ():
            if lang not in versions:
                message = f"article '{name}' is missing in {_NAMES[lang]}; add a file with 'lang: {lang}'"
                problems.append(Problem(draft.file, draft.line("lang"), message, error=False))
    for entry in drafts:
        for key, value in _fields_by_language(entry.value).items():
            for lang in wanted:
                if value and lang not in value:
                    verb = "are" if key in ("examples", "asks") else "is"
                    message = (
                        f"{key} of intent '{entry.value.id}' {verb} missing in {_NAMES[lang]}; add '{lang}:'"
                    )
                    problems.append(Problem(entry.file, entry.line(key), message, error=False))
    return problems


def _fields_by_language(intent: Intent) -> Mapping[str, Mapping[str, object] | None]:
    opens = intent.opens
    return {
        "examples": intent.examples,
        "reply": intent.reply,
        "name": opens.name if opens else None,
        "next": opens.next_step if opens else None,
        "asks": intent.asks,
    }
