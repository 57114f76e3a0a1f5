"""Answers one question, checks content: `firstline ask`, `firstline check` and `firstline promise`."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from bot.cli import terminal
from bot.cli.content.owners import report_owners
from bot.cli.content.promise import reopen_promise, report_promise
from bot.cli.content.traffic import report_traffic
from bot.cli.reader import language, said, word
from bot.desk.ports.content import ContentSource, Matcher
from bot.domain.conversations.commands import parse_command
from bot.domain.diagnosis import counted
from bot.domain.errors import ContentInvalid, EncoderUnavailable, SettingsInvalid
from bot.domain.knowledge.article_parts import take_apart
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import (
    Answer,
    AskBack,
    Choose,
    Decision,
    Escalate,
    MatchResult,
    OpenTicket,
)
from bot.domain.knowledge.markdown_blocks import Image, replace_images
from bot.domain.tickets.queues import Queues
from bot.evaluation.judging import decision_on
from bot.evaluation.targets import Targets
from bot.knowledge.files.text_files import is_folder
from bot.matching.explain import Explained
from bot.runtime.resources import find
from bot.server.cache import cache_fault
from bot.server.content import content_of, files_of, library_of
from bot.server.settings import Settings, cautions, complain, read_core

EXPLAINED = 4  # candidates
SAMPLES = (
    "content: there is none here, so the sample content that comes with Firstline was checked. `firstline "
    "serve` takes none of it: go to the folder with yours, or begin one with `firstline init`."
)
_KINDS: dict[type[object], str] = {
    Answer: "answer",
    Choose: "choose",
    AskBack: "ask",
    OpenTicket: "ticket",
    Escalate: "escalate",
}
_HEADLINES: dict[type[object], str] = {
    Answer: "Answer",
    Choose: "A choice",
    Escalate: "A ticket for a person",
}


def content_settings(articles: Path | None, intents: Path | None) -> Settings:
    """The settings with the folders that were named, those of one's own, or else the sample content's."""
    settings = _settings()
    given = {name: path for name, path in (("articles", articles), ("intents", intents)) if path is not None}
    if given:
        return settings.model_copy(update=given)
    return settings if has_content(settings) else settings.model_copy(update=samples(settings))


def has_content(settings: Settings) -> bool:
    """Whether there is content of one's own, or settings that say where it should be."""
    return settings.content_given or (is_folder(settings.articles) and is_folder(settings.intents))


def _settings() -> Settings:
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    return settings


def samples(settings: Settings) -> dict[str, Path]:
    """The sample content that comes with the package, but replies of one's own where there are any."""
    own = "replies" in settings.model_fields_set or is_folder(settings.replies)
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
    content, matcher = library.snapshot.content, library.snapshot.matcher
    result = library.match(question)
    thresholds = library.thresholds(settings.tolerance, result)
    decision = decision_on(result, Targets(content), thresholds, may_ask=True)
    language = result.language or settings.language
    if as_json:
        data = _as_data(question, result, decision, content, language)
        if explain:
            data["explained"] = [asdict(row) for row in _rows(matcher, question)]
        terminal.print_json(data)
        return
    console = terminal.console()
    console.print(_headline(question, decision, result, content, language))
    if isinstance(decision, Answer):
        text = _text_of(content, decision.match.target, language)
        console.print(Markdown(replace_images(text, Image.in_words)))
    console.print(_candidates(content, result, language))
    if explain:
        console.print(_explained(_rows(matcher, question)))
        console.tell("`firstline docs matching` says what each part is.")


def _headline(question: str, decision: Decision, result: MatchResult, content: Content, language: str) -> str:
    if parse_command(question):
        return said("A command: it is carried out in chat.")
    best = result.best
    sure = f" ({best.confidence:.0%} {word('sure')})" if best else ""
    if isinstance(decision, OpenTicket):
        intent = content.intent(decision.match.target)
        queue = f" ({intent.queue})" if intent and intent.queue else ""
        title = content.title(decision.match.target, language)
        return f"{said('Would open a ticket')}: {title}{queue}{sure}"
    if isinstance(decision, AskBack):
        return said("A question back: nothing here says what it is about")
    return f"{word(_HEADLINES[type(decision)])}{sure}"


def _text_of(content: Content, target: str, language: str) -> str:
    article = content.article(target, language)
    if article is not None:
        parts = take_apart(article.body)
        return "\n\n".join(part for part in (f"# {article.title}", parts.about, parts.steps) if part)
    intent = content.intent(target)
    if intent is not None and intent.reply:
        return intent.reply.get(language) or next(iter(intent.reply.values()))
    return said(f"The desk's own action: {intent.action if intent else target}")


def _candidates(content: Content, result: MatchResult, language: str) -> Table:
    table = terminal.table("confidence", "id", "title", "why")
    for match in result.matches[:5]:
        title = content.title(match.target, language)
        table.add_row(f"{match.confidence:.2f}", match.target, title, match.why)
    return table


def _rows(matcher: Matcher, question: str) -> Sequence[Explained]:
    # The nearest candidates, and what speaks for none of them.
    rows: list[Explained] = matcher.explain(question)  # type: ignore[attr-defined]  # our own matcher has it
    return [*rows[:-1][:EXPLAINED], rows[-1]]


def _explained(rows: Sequence[Explained]) -> Table:
    table = terminal.table("id", "part", "seen", "gave", title="Why")
    for row in rows:
        name = row.target or said("nothing here")
        table.add_section()
        if row.target:
            table.add_row(name, said("words matched"), ", ".join(row.matched) or said("none"), "")
            repaired = [f"{typed}→{meant}" for typed, meant in (row.repaired or {}).items()]
            table.add_row("", said("words repaired"), ", ".join(repaired) or said("none"), "")
        for part, gave in row.gave.items():
            label = "" if row.target or part != "constant" else name
            table.add_row(label, part, f"{row.evidence.get(part, 0):.3f}", f"{gave:+.3f}")
        table.add_row("", said("in all"), f"{row.confidence:.3f}", f"{sum(row.gave.values()):+.3f}")
    return table


def _as_data(
    question: str, result: MatchResult, decision: Decision, content: Content, language: str
) -> dict[str, object]:
    best = result.best
    data: dict[str, object] = {
        "text": question,
        "decision": _KINDS[type(decision)],
        "predicted": best.target if best else None,
        "confidence": round(best.confidence, 4) if best else 0.0,
        "language": result.language,
        "ranked": [[match.target, round(match.confidence, 4)] for match in result.matches],
    }
    if isinstance(decision, Answer):
        data["answer"] = _text_of(content, decision.match.target, language)
    if isinstance(decision, Choose):
        data["offered"] = [match.target for match in decision.matches]
    return data


def check_all(articles: Path | None, intents: Path | None) -> int:
    """Check content and settings; print every problem; return the exit code."""
    _complain_of_all(only_files=articles is not None or intents is not None)
    settings = content_settings(articles, intents)
    content = source_of(settings, articles, intents).load()
    console = terminal.console(wraps=True)
    for problem in content.problems:
        console.print(said(str(problem)), style="red" if problem.error else "yellow")
    errors = sum(problem.error for problem in content.problems)
    warnings = len(content.problems) - errors
    if fault := cache_fault(settings):
        console.print(said(f"cache: warning: {fault}"), style="yellow")
    _check_rights(console, settings)
    for line in report_owners(settings, content):
        console.print(said(f"owners: {line}"))
    errors += _check_embeddings(console, settings)
    errors += _check_plugins(console, settings, content.queues)
    if not errors:
        _check_decisions(console, settings, source_of(settings, articles, intents))
    if articles is None and intents is None and not has_content(_settings()):
        console.print(said(SAMPLES))
    told = _counted(errors, "error", "errors"), _counted(warnings, "warning", "warnings")
    console.print(f"{_counts(content)}: {', '.join(told)}.")
    return 1 if errors else 0


def _complain_of_all(*, only_files: bool) -> None:
    # What keeps the content from being read ends the check, and every other mistake is told beside it.
    from bot.server.plugins import Kind, configured

    mistakes: list[str] = []
    read_core(mistakes)
    if not only_files:
        configured(Kind.SOURCE, demo=False, mistakes=mistakes)
    if mistakes:
        for kind in Kind:
            if kind is not Kind.SOURCE:
                configured(kind, demo=False, mistakes=mistakes)
    complain(mistakes)


def _counts(content: Content) -> str:
    found = [
        _counted(len(content.articles), "article", "articles"),
        _counted(len(content.intents), "intent", "intents"),
        _counted(len(content.replies), "reply", "replies"),
    ]
    if content.questions:
        found.append(_counted(len(content.questions), "labelled question", "labelled questions"))
    if content.queues.configured:
        found.append(_counted(len(content.queues.by_id), "queue", "queues"))
    return ", ".join(found)


def _counted(number: int, one: str, many: str) -> str:
    return said(counted(number, one, many))


def _check_rights(console: Console, settings: Settings) -> None:
    from bot.storage import reached_by_others

    for reason in reached_by_others(settings.database_url):
        console.print(said(f"database: warning: {reason}."), style="yellow")


def _check_decisions(console: Console, settings: Settings, source: ContentSource) -> None:
    # What is promised must be learned first, what is assumed need not.
    promised = settings.certainty is not None
    library = library_of(settings, source, at_once=not promised)
    library.load()
    found = list(report_promise(settings, library)) if promised else [report_traffic(settings, library)]
    for line, fine in found:
        kind = "" if fine else "warning: "
        name = "promise" if promised else "traffic"
        console.print(said(f"{name}: {kind}{line}"), style="" if fine else "yellow")


def show_promise(*, reopen: bool) -> None:
    """Print what is promised of answers and whether it holds; with `reopen` let it hold again first."""
    settings = content_settings(None, None)
    if settings.certainty is None:
        raise SettingsInvalid(
            "FIRSTLINE_CERTAINTY is not set: nothing is promised with certainty; see "
            "`firstline docs settings`."
        )
    library = library_of(settings)
    if not library.load():
        raise ContentInvalid("\n".join(library.errors[:20]))
    if reopen:
        reopen_promise(settings, library)
    console = terminal.console(wraps=True)
    for line, _ in report_promise(settings, library):
        console.print(said(line))


def embeddings_fault(settings: Settings) -> EncoderUnavailable | None:
    """Why no text can be encoded; None where one can be, or words alone shall do."""
    from bot.server.content import embeddings_of

    try:
        store = embeddings_of(settings)
        if store is not None:
            store.encoder.encode(["firstline check"], patient=True)
    except EncoderUnavailable as error:
        return error
    return None


def _check_embeddings(console: Console, settings: Settings) -> int:
    from bot.server.content import mistake_of_embeddings

    mistake = mistake_of_embeddings(settings)
    if mistake is not None:
        console.print(said(f"settings: error: {mistake}"), style="red")
        return 1
    fault = embeddings_fault(settings)
    if fault is None:
        return 0
    # What may pass is no mistake: the server answers from words alone meanwhile.
    kind, style = ("warning", "yellow") if fault.passing else ("error", "red")
    console.print(said(f"embeddings: {kind}: {fault}"), style=style)
    return int(not fault.passing)


def _open_rooms(queues: Queues, channel: str) -> list[str]:
    # Where a queue lists its engineers, being in its room makes nobody one.
    return [queue.rooms[channel] for queue in queues if channel in queue.rooms and not queue.engineers]


def _check_plugins(console: Console, settings: Settings, queues: Queues) -> int:
    from bot import wording
    from bot.server import plugins

    for caution in (*cautions(settings), *plugins.exposed_secrets(Settings)):
        console.print(said(f"settings: warning: {caution}"), style="yellow")
    mistakes = plugins.unknown_channels(settings.shadowed)
    active_plugins = [
        plugin for kind in plugins.Kind for plugin in plugins.configured(kind, demo=False, mistakes=mistakes)
    ]
    for mistake in mistakes:
        console.print(said(f"settings: error: {mistake}"), style="red")
    for plugin in active_plugins if not mistakes else ():
        rooms = _open_rooms(queues, plugin.name)
        for warning in asyncio.run(plugin.warnings(wording.load(), language(), rooms)):
            console.print(said(f"{plugin.name}: warning: {warning}"), style="yellow")
    return len(mistakes)
