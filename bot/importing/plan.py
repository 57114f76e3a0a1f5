"""Reads a whole source and plans its articles: what is made, left out, alike, or too thin to be found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.domain.knowledge.content import Article
from bot.domain.knowledge.ids import alike
from bot.domain.knowledge.markdown_blocks import without_addresses
from bot.importing.documents import WHOLE, Document, FileLeftOut, LeftOut, Source, SourceFile, Withdrawn
from bot.importing.drafting.articles import Proposal, propose, versions
from bot.importing.drafting.ids import Ids
from bot.importing.drafting.languages import set_languages
from bot.importing.drafting.overlaps import Overlap, overlaps, same_text
from bot.importing.drafting.parts import divide, is_generic, plain_question, tell_apart, telling_words
from bot.importing.drafting.unasked import why_unasked
from bot.importing.markup.main_content import drop_blocks, repeated_blocks
from bot.importing.pictures import ENDINGS as PICTURES
from bot.importing.pictures import SourcePictures
from bot.importing.readers import reader_of

FEWEST_TELLING = 15  # words of an article that say something, below which hardly any question finds it
TOO_DEEP = "it is nested too deep; make it simpler"
WEB_PAGES = (".html", ".htm", ".xhtml")
_REMEDIES = {
    ".doc": "save it as .docx",
    ".docm": "it may have macros: save it as .docx",
    ".xls": "save it as .xlsx",
    ".xlsm": "it may have macros: save it as .xlsx",
    ".ods": "save it as .xlsx or .csv",
    ".odt": "save it as .docx",
    ".rtf": "save it as .docx",
    ".pdf": "import the document that it was made of",
    ".rst": "build it as HTML, and import that",
    ".adoc": "build it as HTML, and import that",
    ".txt": "rename it to .md",
}

Progress = Callable[[int, int], None]
Thin = tuple[Proposal, str]


@dataclass(slots=True)
class Plan:
    """What an import would make: articles, what is left out, pairs that are alike, articles hard to find.

    `languages` come with the most frequent first. `untaken` are places of the source that are there, and were
    not read this time.
    """

    proposals: list[Proposal] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    untaken: set[str] = field(default_factory=set)
    unread: dict[str, int] = field(default_factory=dict)  # files of other kinds, by their ending
    overlaps: list[Overlap] = field(default_factory=list)
    thin: list[Thin] = field(default_factory=list)
    languages: tuple[str, ...] = ("en",)


def make_plan(
    source: Source,
    left_out: Iterable[LeftOut],
    existing: Mapping[str, Sequence[Article]],
    *,
    language: str,
    earlier: Mapping[str, Sequence[str]] | None = None,
    wanted: frozenset[str] = frozenset(),
    progress: Progress,
) -> Plan:
    """Plan the import of a source beside the articles that are there, by id.

    `language` is assumed where nothing tells it; with `wanted` only these languages are taken. `earlier` are
    the ids that an earlier import gave, by the place in the source.
    """
    plan = Plan(left_out=list(left_out))
    plan.untaken |= {one.place for one in plan.left_out} | ({WHOLE} if not source.files else set())
    pictures = SourcePictures(source)
    documents = _read_all(source, plan, progress)
    _drop_repeated(documents)
    paths = set_languages(documents, language)
    shared = {id(document): paths[at] for at, document in enumerate(documents)}
    chosen = versions(one for one in documents if not wanted or one.language in wanted)
    plan.languages = tuple(dict.fromkeys(one.language or language for one in chosen)) or (language,)
    if len(chosen) < len(documents):
        others = sorted({str(one.language) for one in documents} - wanted)
        reason = f"their languages are {', '.join(others)}: not taken, as --language says"
        plan.left_out.append(LeftOut(f"documents: {len(documents) - len(chosen)}", reason))
        plan.untaken |= {one.file for one in documents if one.language not in wanted}
    chosen = [one for one in chosen if not _is_unasked(one, plan)]
    ids = Ids(map(alike, existing), earlier or {}, source.files)
    _propose_all(plan, chosen, shared, source, pictures, ids)
    _count_pictures(plan, source)
    plan.overlaps = _overlaps(existing, [one.article for one in plan.proposals])
    plan.thin = [(one, lack) for one in plan.proposals if (lack := _lack(one.article))]
    return plan


def _read_all(source: Source, plan: Plan, progress: Progress) -> list[Document]:
    documents: list[Document] = []
    for number, file in enumerate(source.files.values()):
        progress(number, len(source.files))
        reader = reader_of(file.name)
        ending = PurePosixPath(file.name).suffix.lower()
        if reader is None and ending in _REMEDIES:
            plan.left_out.append(LeftOut(file.name, f"files {ending} are not read; {_REMEDIES[ending]}"))
        elif ending in PICTURES:
            continue  # those that no article shows are counted at the end
        elif reader is None:
            plan.unread[ending or "without an ending"] = plan.unread.get(ending or "without an ending", 0) + 1
        elif not PurePosixPath(file.name).name.startswith("_") or _is_page(file):
            try:
                found = list(reader.read(file, source))
            except Withdrawn as error:
                plan.left_out.append(LeftOut(file.name, str(error)))
                continue
            except (FileLeftOut, RecursionError) as error:
                reason = str(error) if isinstance(error, FileLeftOut) else TOO_DEEP
                plan.left_out.append(LeftOut(file.name, reason))
                plan.untaken.add(file.name)
                continue
            documents += [one for one in found if one.title]
            plan.left_out += [
                LeftOut(f"{one.file}: {one.place}", one.notes[0]) for one in found if not one.title
            ]
    progress(len(source.files), len(source.files))
    return documents


def _is_page(file: SourceFile) -> bool:
    # Hugo's `_index` is a page; every other such name is a piece that pages include.
    return PurePosixPath(file.name).stem.lower().startswith("_index")


def _drop_repeated(documents: Sequence[Document]) -> None:
    pages = [one.body for one in documents if one.file.lower().endswith(WEB_PAGES)]
    repeated = repeated_blocks(pages)
    for page in pages if repeated else ():
        drop_blocks(page, repeated)


def _is_unasked(document: Document, plan: Plan) -> bool:
    reason = why_unasked(document)
    if reason is not None:
        plan.left_out.append(LeftOut(document.file, reason))
    return reason is not None


def _count_pictures(plan: Plan, source: Source) -> None:
    shown = {picture.source for one in plan.proposals for picture in one.pictures}
    for name in source.files:
        ending = PurePosixPath(name).suffix.lower()
        if ending in PICTURES and name not in shown:
            plan.unread[ending] = plan.unread.get(ending, 0) + 1


def _propose_all(
    plan: Plan,
    documents: Sequence[Document],
    shared: Mapping[int, str],
    source: Source,
    pictures: SourcePictures,
    ids: Ids,
) -> None:
    by_path: dict[str, list[str]] = {}  # ids of the parts of a path's first version
    texts: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    divided = [divide(document) for document in documents]
    tell_apart(divided)
    for document, parts in zip(documents, divided, strict=True):
        path = shared[id(document)]
        first = by_path.get(path, []) if not document.whole else []
        same = first if len(first) == len(parts) else []
        found = propose(parts, path, source, pictures, ids, same)
        if not found:
            plan.left_out.append(LeftOut(document.file, "it has no text"))
        if not same and not document.whole:
            by_path.setdefault(path, [one.article.id for one in found])
        ids.take(one.article.id for one in found)
        for one in found:
            key = same_text(one.article)
            if key in texts:
                plan.left_out.append(LeftOut(one.source, f"it has the same text as {texts[key]}"))
            elif (alike(one.article.id), one.article.language) in seen:
                plan.left_out.append(
                    LeftOut(one.source, f"'{one.article.id}' is there in this language already")
                )
            else:
                texts[key] = one.source
                seen.add((alike(one.article.id), one.article.language))
                plan.proposals.append(one)


def _overlaps(existing: Mapping[str, Sequence[Article]], brought: Sequence[Article]) -> list[Overlap]:
    # Pairs of what was there before are not told again.
    own = [article for found in existing.values() for article in found]
    return [
        pair
        for pair in overlaps([*own, *brought], frozenset(existing))
        if any(article is one for article in brought for one in (pair.kept, pair.other))
    ]


def _lack(article: Article) -> str:
    # What the matcher would find it by, and is not there.
    if is_generic(article.title):
        return "its title could stand above anything: write what it is about"
    asks = article.questions or plain_question(article.title)  # which find it however short the answer is
    if not asks and telling_words(without_addresses(article.body)) < FEWEST_TELLING:
        return "it says too little: write what it is for and how the trouble shows"
    return ""
