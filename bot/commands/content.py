"""`firstline ask` and `firstline check`."""

import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from bot.desk.ports import ContentSource
from bot.domain.commands import spoken
from bot.domain.errors import ContentInvalid
from bot.domain.knowledge import Answer, Choose, Content, Cuts, Decision, Finding, decide
from bot.resources import find
from bot.settings import Settings, complain, read
from bot.stock import content_of, files_of, library_of


def content_settings(articles: Path | None, intents: Path | None) -> Settings:
    mistakes: list[str] = []
    settings = read(Settings, mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    given = {name: path for name, path in (("articles", articles), ("intents", intents)) if path is not None}
    if given:
        return settings.model_copy(update=given)
    if settings.content_given or (settings.articles.is_dir() and settings.intents.is_dir()):
        return settings
    return settings.model_copy(update=samples(settings))


def samples(settings: Settings) -> dict[str, Path]:
    """The sample content that comes with the package, but replies of one's own where there are any."""
    own = "replies" in settings.model_fields_set or settings.replies.is_dir()
    replies = {} if own else {"replies": find("replies")}
    return {"articles": find("kb_articles"), "intents": find("intents")} | replies


def source_of(settings: Settings, articles: Path | None, intents: Path | None) -> ContentSource:
    """Where content is read from: the folders alone where they were named, else every source."""
    return content_of(settings) if articles is None and intents is None else files_of(settings)


def ask_once(
    question: str, articles: Path | None, intents: Path | None, *, as_json: bool, explain: bool
) -> None:
    """Answer one question and print what matched."""
    settings = content_settings(articles, intents)
    library = library_of(settings, source_of(settings, articles, intents))
    if not library.load():
        raise ContentInvalid("\n".join(library.errors[:20]))
    content, matcher = library.shelf.content, library.shelf.matcher
    finding = matcher.find(question)
    decision = decide(finding, Cuts(settings.answer_from, settings.choose_from))
    language = finding.language or settings.language
    if as_json:
        print(json.dumps(_as_data(question, finding, decision, content, language), ensure_ascii=False))  # noqa: T201
        return
    console = Console()
    console.print(_headline(question, decision, finding), markup=False)
    if isinstance(decision, Answer):
        console.print(Markdown(_text_of(content, decision.match.target, language)))
    console.print(_candidates(content, finding, language))
    if explain:
        console.print(_explained(matcher, question, language))


def _headline(question: str, decision: Decision, finding: Finding) -> str:
    if spoken(question):
        return "A command: it is carried out in chat."
    best = finding.best
    sure = f" ({best.confidence:.0%} sure)" if best else ""
    return {
        "Answer": f"Answer{sure}",
        "Choose": f"A choice{sure}",
        "AskBack": "A question back: nothing here says what it is about",
        "Escalate": f"A ticket for a person{sure}",
    }[type(decision).__name__]


def _text_of(content: Content, target: str, language: str) -> str:
    article = content.article(target, language)
    if article is not None:
        return f"# {article.title}\n\n{article.cut()[0]}"
    intent = content.intent(target)
    if intent is not None and intent.reply:
        return intent.reply.get(language) or next(iter(intent.reply.values()))
    return f"The desk's own action: {intent.action if intent else target}"


def _candidates(content: Content, finding: Finding, language: str) -> Table:
    table = Table("confidence", "id", "title", "why")
    for match in finding.matches[:5]:
        table.add_row(
            f"{match.confidence:.2f}", match.target, content.title(match.target, language), match.why
        )
    return table


def _explained(matcher: object, question: str, language: str) -> Table:
    table = Table("id", "part", "seen", "gave")
    for row in matcher.explain(question, language)[:5]:  # type: ignore[attr-defined]  # our own matcher has it
        for part, gave in row.gave.items():
            table.add_row(row.target or "-", part, f"{row.evidence.get(part, 0):.3f}", f"{gave:+.3f}")
        if row.repaired:
            repaired = ", ".join(f"{typed}→{meant}" for typed, meant in row.repaired.items())
            table.add_row(row.target or "-", "repaired", repaired, "")
    return table


def _as_data(
    question: str, finding: Finding, decision: Decision, content: Content, language: str
) -> dict[str, object]:
    best = finding.best
    kind = {"Answer": "answer", "Choose": "choose", "AskBack": "ask", "Escalate": "escalate"}
    data: dict[str, object] = {
        "text": question,
        "decision": kind[type(decision).__name__],
        "predicted": best.target if best else None,
        "confidence": round(best.confidence, 4) if best else 0.0,
        "language": finding.language,
        "ranked": [[match.target, round(match.confidence, 4)] for match in finding.matches],
    }
    if isinstance(decision, Answer):
        data["answer"] = _text_of(content, decision.match.target, language)
    if isinstance(decision, Choose):
        data["offered"] = [match.target for match in decision.matches]
    return data


def check_all(articles: Path | None, intents: Path | None) -> int:
    """Check content and settings; print every problem; return the exit code."""
    settings = content_settings(articles, intents)
    content = source_of(settings, articles, intents).load()
    console = Console(soft_wrap=True, highlight=False)
    for problem in content.problems:
        console.print(str(problem), markup=False, style="red" if problem.error else "yellow")
    errors = sum(problem.error for problem in content.problems)
    warnings = len(content.problems) - errors
    errors += _check_adapters(console, settings.language)
    console.print(
        f"{len(content.articles)} articles, {len(content.intents)} intents, {len(content.replies)} replies: "
        f"{errors} errors, {warnings} warnings."
    )
    return 1 if errors else 0


def _check_adapters(console: Console, language: str) -> int:
    from bot import adapters, wording

    mistakes: list[str] = []
    doors = [
        door for kind in adapters.Kind for door in adapters.configured(kind, demo=False, mistakes=mistakes)
    ]
    for mistake in mistakes:
        console.print(f"settings: error: {mistake}", markup=False, style="red")
    for door in doors if not mistakes else ():
        for warning in asyncio.run(door.warnings(wording.load(), language)):
            console.print(f"{door.name}: warning: {warning}", markup=False, style="yellow")
    return len(mistakes)
