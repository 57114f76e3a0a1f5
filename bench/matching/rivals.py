"""The other search engines to compare with: each function indexes texts and returns a search.

Packages for this bench only, never ours: `pip install rank_bm25 bm25s tantivy` into any environment.
"""

import importlib
import importlib.util
import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

Search = Callable[[str], int]  # a question -> the place of the best text, -1 where nothing matches
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, as these engines are usually given them."""
    return _WORD.findall(text.lower())


def rapidfuzz(texts: Sequence[str]) -> Search:
    """Compare by rapidfuzz's token_set_ratio with every text."""
    from rapidfuzz import fuzz, process

    lowered = [text.lower() for text in texts]

    def search(question: str) -> int:
        found = process.extractOne(question.lower(), lowered, scorer=fuzz.token_set_ratio)
        return int(found[2]) if found else -1

    return search


def rank_bm25(texts: Sequence[str]) -> Search:
    """Search by rank_bm25's BM25Okapi."""
    index = importlib.import_module("rank_bm25").BM25Okapi([words(text) for text in texts])
    return lambda question: int(index.get_scores(words(question)).argmax())


def bm25s(texts: Sequence[str]) -> Search:
    """Search by bm25s with its defaults."""
    package = importlib.import_module("bm25s")
    index = package.BM25()
    index.index([words(text) for text in texts], show_progress=False)

    def search(question: str) -> int:
        known = [word for word in words(question) if word in index.vocab_dict]
        if not known:
            return -1
        found, _ = index.retrieve([known], k=1, show_progress=False)
        return int(found[0, 0])

    return search


def fts5(texts: Sequence[str]) -> Search:
    """Search by SQLite FTS5 for any of the words, ranked by its bm25()."""
    search = fts5_scores(texts)
    return lambda question: search(question)[0]


def fts5_scores(texts: Sequence[str]) -> Callable[[str], tuple[int, float]]:
    """Search as `fts5` does; each place comes with its score, the higher the better."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE texts USING fts5(text)")
    base.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts))

    def search(question: str) -> tuple[int, float]:
        asked = " OR ".join(f'"{word}"' for word in words(question))
        query = "SELECT rowid, bm25(texts) AS score FROM texts WHERE texts MATCH ? ORDER BY score LIMIT 1"
        found = base.execute(query, (asked,)).fetchone() if asked else None
        return (int(found[0]), -float(found[1])) if found else (-1, 0.0)

    return search


def tantivy(texts: Sequence[str]) -> Search:
    """Search by tantivy, in memory."""
    package = importlib.import_module("tantivy")
    builder = package.SchemaBuilder()
    builder.add_text_field("text", stored=False)
    builder.add_integer_field("place", stored=True)
    index = package.Index(builder.build())
    writer = index.writer(50_000_000, 1)
    for place, text in enumerate(texts):
        writer.add_document(package.Document(text=text, place=place))
    writer.commit()
    index.reload()
    searcher: Any = index.searcher()

    def search(question: str) -> int:
        query = index.parse_query(" ".join(words(question)), ["text"])
        hits = searcher.search(query, 1).hits
        return int(searcher.doc(hits[0][1])["place"][0]) if hits else -1

    return search


RIVALS: dict[str, tuple[str, Callable[[Sequence[str]], Search]]] = {
    "rapidfuzz token_set_ratio": ("rapidfuzz", rapidfuzz),
    "rank_bm25": ("rank_bm25", rank_bm25),
    "bm25s": ("bm25s", bm25s),
    "SQLite FTS5": ("sqlite3", fts5),
    "tantivy": ("tantivy", tantivy),
}


def installed(name: str) -> bool:
    """Whether an engine can be measured here."""
    return importlib.util.find_spec(RIVALS[name][0]) is not None
