"""What the readers of settings, content and imports find is said in Spanish too, to its last word."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.wording.mistakes import Translation, in_language, templates_of, word_in_language
from tests.support.paths import ROOT

READERS = """
    knowledge importing domain/brand.py domain/knowledge/labelled_question.py
    server/settings.py server/plugins.py server/cache.py server/monitoring/tracing/collector.py
    storage/database_url.py storage/private_files.py runtime/secret_files.py
    runtime/network/addresses.py runtime/network/outgoing.py runtime/network/site_address.py
    channels/slack/settings.py channels/teams/settings.py channels/web/settings.py
    channels/web/access/accounts.py channels/web/sign_in/options.py backends/webhook/settings.py
    backends/zendesk/settings.py backends/jira/settings.py
    alerts/webhook/__init__.py alerts/mapped/tables.py alerts/azure_monitor/__init__.py
    channels/teams/package_rules.py runtime/field_rules.py runtime/network/public_address.py
    desk/knowledge/drafting.py evaluation/gate.py evaluation/judging.py evaluation/questions.py
    evaluation/env_file.py storage/backup.py storage/engine.py storage/personal/remains.py cli
    server/authoring/drafts.py server/authoring/jobs.py
    server/authoring/example_board.py server/authoring/example_files.py
""".split()
HELP = {"main.py", "commands.py", "options.py"}  # of the command line, which is English
# Not said to whoever runs a command, or put together with what is.
SPANISH = templates_of("es")
NOT_SAID = {
    "{} in {}",  # a key and a language: each of them has an entry of its own
    "How do I {}?",  # titles of articles that an import makes, in their own language
    "¿Cómo puedo {}?",
    "Ana Costa",  # the demo's people
    "Tom Baker",
    "Carmen Ruiz",
    "Maya Patel",
    "Leo Fischer",
    "{} '{}' is '{}' in {} but for the letter case; write the id in one way, or choose another",  # by kind
    "links that lead nowhere: {}{}",  # with and without its remedy
    "; give --base-url",
    "{}{}row {}",  # a place in a table
    # The head of a file that is written.
    "# People asked this, and somebody approved it; `firstline examples take-back` takes it back.",
    "Draft the article {}",  # a commit's message
    "This gap is not there any more; look at the list again.",  # the page has its own sentence
    "Some of these are not proposed any more; look at the list again.",
    "This example is not approved any more; look at the list again.",
    "Add {} examples",  # a commit's message
    "Take back an example",
    "There is no ticket {}; look for it in the list of tickets.",  # and so it has here
    "see the cause; the page can start it again",  # in the log
    "Basic {}",  # in a request, as the next two
    "Bearer {}",
    'space = "{}" and type = page',
    "The system answered with {}.",  # what is caught, and told in other words
    "firstline: {}",  # with what is said
    "The content has errors; correct these and start again:\n{}",  # whose lines have entries of their own
    "This would be refused. Correct these and make it again:\n{}",
    "Draft an article of {}",  # a commit's message
    "This preview answers this machine alone.",  # to who comes from elsewhere
    "embeddings: {}: {}",  # put together with what is said
    "Separated {}{}: it has again what was made with it.",
    "The baseline was made {} --two-way; compare like with like.",
    "Answered from {}, offered from {}",  # put together below
    "See {}",  # the doctor's
    "bold red",  # a style
    "{} h {} min",  # the same in both languages
    "{} min",
    "firstline check",  # a text to encode
    "  {} doctor",  # commands to be typed
    "  {} serve",
    "  cd {}",
    "--url {}",
    "manifest slack {}",
    "manifest teams --app-id YOUR-APP-ID --url {}",
    "{}={}:engineer {}={}:employee",
    "lang: {}",  # in a file that is written
    "see `firstline docs settings` for the names",  # in the log, as the next two
    "see Security in `firstline docs operations`",
    "see the reason",
    "{} and {}",  # two numbers
    "PRAGMA journal_mode = DELETE",  # to SQLite, as the next ones
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA integrity_check(1)",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "SELECT count(*) FROM sqlite_master",
    "SELECT version_num FROM alembic_version",
    "Value error, ",  # what pydantic puts before our own words, and nobody reads
}
A_SENTENCE = re.compile(r"[A-Za-z'\d]{2,}[,;:]? [a-z'(`-]{2,}|[a-z]{2,}:? \{\}|\{\} [a-z]{2,}")
NO_TEXT = re.compile(r"[\\|^]|\(\?|\A[\w/-]+:[\w,.:/]*\Z")


def template_of(node: ast.expr) -> str:
    """A string as it is written, `{}` for what is put into it."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)


def sentences(path: Path) -> Iterator[str]:
    """What a module may say: its strings of several words, without docstrings and lists of words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Expr, ast.Attribute)):
            inside.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            inside |= set(map(id, node.values))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in inside:
            said = template_of(node).strip("\n")
            if A_SENTENCE.search(said) and not NO_TEXT.search(said):
                yield said


def test_every_sentence_of_a_reader_is_translated() -> None:
    translated = {re.sub(r"\{\d+\}", "{}", text).replace("{{", "{").replace("}}", "}") for text in SPANISH}
    found: list[str] = []
    for name in READERS:
        place = ROOT / "bot" / name
        modules = [one for one in sorted(place.rglob("*.py")) if one.name not in HELP] or [place]
        found += [said for module in modules for said in sentences(module)]
    assert len(set(found)) > 250
    # A remedy may stand by itself in the code, and with what it ends in the catalogue.
    unknown = set(found) - translated - NOT_SAID
    assert {one for one in unknown if not any(text.endswith(f" {one}") for text in translated)} == set()


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a function or method in the commands, with its module."""
    for path in sorted((ROOT / "bot" / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name in (
                getattr(node.func, "attr", ""),
                getattr(node.func, "id", ""),
            ):
                yield path.name, node


def test_every_heading_of_a_command_is_translated() -> None:
    named = [
        str(one.value)
        for name in ("table", "_table", "Waiting", "word")
        for _, call in calls(name)
        for one in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.strip()
    ]
    assert len(named) > 50
    same = {"id", "error", "normal", "ticket", "tickets"}  # in both languages
    assert {one for one in named if word_in_language("es", one) == one} - same == set()


def test_a_command_prints_no_text_of_its_own_in_english_alone() -> None:
    written = [
        (module, template_of(call.args[0]))
        for module, call in calls("print")
        if call.args and isinstance(call.args[0], (ast.Constant, ast.JoinedStr))
    ]
    english = [text for _, text in written if A_SENTENCE.search(text) and text not in NOT_SAID]
    assert english == []


def test_a_word_by_itself_is_no_key_within_a_sentence() -> None:
    assert word_in_language("es", "title") == "título"
    assert "title" in in_language("es", "title is empty; write a text or remove it")


def test_a_translation_takes_what_a_sentence_has_and_nothing_else() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    for english, spanish in SPANISH.items():
        assert places(english) == {str(number) for number in range(len(places(english)))}, english
        assert places(spanish) <= places(english), english


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("FIRSTLINE_PORT: must be a number from 1 to 65535.", "debe ser un número del 1 al 65535."),
        ("a/b.md:3: error: unknown key 'titel'; did you mean 'title'?", "¿querías decir «title»?"),
        ("a.md:1: warning: the article has no text; write it below the front matter", "a.md:1: aviso: el "),
        ("title is empty; write a text or remove it", "no hay nada en title;"),
        ("a.md:2: error: this is not valid YAML (mapping values are not allowed in this context); correct "
         "this line", "(aquí no cabe «clave: valor»)"),
    ],
)  # fmt: skip
def test_what_stands_in_a_sentence_is_translated_and_what_is_quoted_stays(english: str, spanish: str) -> None:
    assert spanish in in_language("es", english)
    assert in_language("en", english) == english


def test_lines_are_translated_one_by_one_and_what_nobody_knows_stays() -> None:
    known = Translation({"{0} is old; write '{1}'": "{0} es viejo; escribe «{1}»", "bread": "pan"})
    assert (
        known.say("bread is old; write 'bread'\nbutter is old")
        == "pan es viejo; escribe «bread»\nbutter is old"
    )
