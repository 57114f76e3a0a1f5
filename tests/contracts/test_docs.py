"""The documentation is held to the code: settings, commands, metrics, links, the glossary."""

import ast
import re
import shlex
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from prometheus_client.metrics_core import Metric
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.main import get_command

from bot import wording
from bot.cli.main import app
from bot.cli.operate.pages import pages, print_page, print_pages
from bot.domain.errors import PageNotFound
from bot.runtime.network.outgoing import Proxies
from bot.runtime.secret_files import SUFFIX, file_names
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import known_names, settings_models
from bot.server.settings import Settings, env_names
from tests.support.paths import FENCE, HEADING, ROOT, anchors

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
SETTING = re.compile(r"\b(?:FIRSTLINE|SLACK|MICROSOFT)_[A-Z][A-Z_]*[A-Z]\b")
INDEXED = re.compile(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?\s*\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
FENCED = re.compile(r"^```(?:sh|shell|console|bash)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = (">", ">>", "<", "|", "&&", ";")  # where the words of one command end
NOT_HERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
MARKED = re.compile(r"\*\*(.+?)\*\*|(?<![\w*])\*([^*\n]+?)\*(?!\*)")
QUOTED = re.compile(r"“([A-Z…✓][^”]{14,})”")
ELSEWHERE = {"matching", "import", "replay"}  # pages that quote what people ask, and titles of articles
NOT_OURS = {
    "allow",  # in Teams
    "allow users to send slash commands and messages",  # in Slack
    "back",  # to be typed
    "fix the vpn on a mac",  # titles of the sample content
    "fix the vpn on windows",
    "i forgot my password",  # to be typed, too
    "one",  # which is stressed
    "site: madrid; address: vpn.example.com",  # a row of a table
    "would open a ticket: new headset (hardware)",  # by `firstline ask`
    "⋯",
}
MODELS: dict[str, type[BaseSettings]] = {"core": Settings, **settings_models()}


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """The rows of every table, by what their first cell holds between backticks."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 1:
            found[cells[0].strip("`")] = cells
    return found


def shown(default: Any) -> str:
    """A default as the table must show it."""
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    if value in ("", (), None):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def own_pages() -> list[str]:
    """What plugins say of themselves, each in a README.md of its own."""
    return [path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("README.md")]


def described_settings() -> dict[str, list[str]]:
    """The rows of the settings' page, and those that a plugin brings."""
    return rows("\n".join([page("docs/settings.md"), *own_pages()]))


def test_every_setting_is_in_the_tables() -> None:
    documented = described_settings()

    assert [name for model in MODELS.values() for name in env_names(model) if name not in documented] == []


def test_every_secret_is_named_with_its_file_and_nothing_else() -> None:
    models: list[type[BaseSettings]] = [*MODELS.values(), Proxies]
    text = "\n".join([page("docs/settings.md"), *own_pages()])
    named = set(re.findall(rf"`([A-Z_]+{SUFFIX})`", text)) - set(rows(text))  # some settings end so

    assert {name for model in models for name in file_names(model)} == named


@pytest.mark.parametrize("part", MODELS)
def test_the_tables_show_the_true_defaults(part: str) -> None:
    model, documented = MODELS[part], described_settings()
    defaults = [field.default for field in model.model_fields.values()]

    expected = {name: shown(default) for name, default in zip(env_names(model), defaults, strict=True)}

    assert expected == {name: documented[name][1] for name in expected}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_names_a_setting_that_nothing_reads(path: Path) -> None:
    named = set(SETTING.findall(path.read_text(encoding="utf-8")))

    assert set() == named - set(known_names(Settings))


def commands(command: Any, path: tuple[str, ...] = ("firstline",)) -> list[tuple[str, ...]]:
    children = getattr(command, "commands", None)
    if not children:
        return [path]
    return [found for name, child in children.items() for found in commands(child, (*path, name))]


def test_every_command_is_described() -> None:
    text = page("README.md") + page("docs/operations.md")
    found = commands(get_command(app))

    assert len(found) > 10
    assert [" ".join(path) for path in found if f"`{' '.join(path)}" not in text] == []


def sentences() -> list[str]:
    """Every text in the code but docstrings, and every sentence of the wording."""
    found = []
    for path in (ROOT / "bot").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
        ]
    words = wording.load()
    return [
        *found,
        *(words.say(language, key) for language in words.languages for key in words.keys(language)),
    ]


def test_what_a_message_names_of_the_documentation_can_be_opened_wherever_it_is_installed() -> None:
    told = sentences()
    named = {name for text in told for name in re.findall(r"`firstline docs ([\w-]+)`", text)}
    assert named >= {"settings", "operations", "slack"}
    assert named - set(pages()) == set()
    assert [text for text in told if re.search(r"\bdocs/[\w-]+\.md", text)] == []


def test_a_page_is_printed_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    print_pages()
    listed = capsys.readouterr().out
    assert [name for name in pages() if f" {name} " not in listed] == []
    assert "Sign in to the page" in listed
    print_page("settings")
    assert capsys.readouterr().out == page("docs/settings.md")
    for wrong in ("nope", "../README", "adr/README"):
        with pytest.raises(PageNotFound, match="firstline docs"):
            print_page(wrong)


def typed_commands(path: Path) -> list[str]:
    """The lines of a page's shell blocks that run `firstline` as they stand there."""
    blocks = FENCED.findall(path.read_text(encoding="utf-8"))
    lines = [line.removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.startswith(("firstline ", ".venv/bin/firstline "))]


def misspelt(line: str) -> str:
    """What is wrong with a command line that a page prints; "" if it would run."""
    try:
        words = list(takewhile(lambda word: word not in SHELL, shlex.split(line, comments=True)))
        found: Any = get_command(app)
        context = found.make_context(words[0], words[1:])
        while getattr(found, "commands", None):
            name, found, words = found.resolve_command(
                context, [*getattr(context, "_protected_args", ()), *context.args]
            )
            context = found.make_context(name, words, parent=context)
    except Exception as refused:  # noqa: BLE001  # click's, which typer has under a name of its own
        return str(refused) or type(refused).__name__
    return ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_that_is_printed_to_be_typed_is_understood(path: Path) -> None:
    assert {line: wrong for line in typed_commands(path) if (wrong := misspelt(line))} == {}


def test_a_command_that_would_be_refused_is_seen() -> None:
    assert misspelt("firstline outbox list --dead") == ""
    for line in ("firstline outbox lst", "firstline serve --prot 1", "firstline backup", "firstline ask 'a"):
        assert misspelt(line) != "", line


def plain(text: str) -> str:
    """A text for comparing: without marks, breaks and what ends it."""
    return " ".join(text.replace("*", "").split()).rstrip(" .…").lower()


def unsaid(found: list[str]) -> list[str]:
    """Which of these words and sentences the product does not have in English."""
    words = wording.load()
    said = [words.say("en", key) for key in words.keys("en")]
    whole = "\n".join(map(plain, said))
    parted = [re.split(r"\{\w+\}", plain(one)) for one in said if "{" in one]
    forms = [".+?".join(map(re.escape, parts)) for parts in parted if len("".join(parts)) > 8]
    known = re.compile("|".join(f"(?:{form})" for form in forms))
    texts = [text for text in map(plain, found) if text not in NOT_OURS]
    return [text for text in texts if text not in whole and not known.search(text)]


def test_what_a_guide_quotes_is_what_the_product_says() -> None:
    guides = [path for path in (ROOT / "docs").glob("*.md") if path.stem not in ELSEWHERE]
    texts = {path.stem: re.sub(r"`[^`]*`", "", FENCE.sub("", path.read_text("utf-8"))) for path in guides}
    quoted = {name: QUOTED.findall(text) for name, text in texts.items()}
    for name in ("engineers", "web"):  # where what is marked is a button, an entry or a list
        quoted[name] += ["".join(found) for found in MARKED.findall(texts[name])]

    assert sum(map(len, quoted.values())) > 80
    assert {name: wrong for name, found in quoted.items() if (wrong := unsaid(found))} == {}


def test_a_word_that_the_product_does_not_say_is_seen() -> None:
    assert unsaid(["Claim", "Away until Monday, 7 December.", "Grab it now", "Away from Monday."]) == [
        "grab it now",
        "away from monday",
    ]


def test_every_option_of_a_command_is_named_in_a_guide() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    unnamed = []
    for path in commands(get_command(app)):
        found: Any = get_command(app)
        for name in path[1:]:
            found = found.commands[name]
        unnamed += [
            f"{' '.join(path)} {option}"
            for parameter in found.params
            for option in parameter.opts
            if option.startswith("--") and not re.search(rf"{option}(?![\w-])", text)
        ]
    assert unnamed == []


def exported(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def test_every_metric_is_described_and_no_other() -> None:
    documented = {name for name in rows(page("docs/operations.md")) if name.startswith("firstline_")}
    found = {exported(metric) for metric in Metrics().registry.collect()}

    # What is of the process is Prometheus' own, and differs by system.
    assert {name for name in found if not name.startswith("process_")} == documented


def broken(path: Path) -> list[str]:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    wrong = []
    for markdown, html in LINK.findall(text):
        link = unquote(markdown or html)
        if NOT_HERE.match(link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if file and not (target.is_relative_to(ROOT) and target.exists()):
            wrong.append(f"{link}: there is no such file")
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target)):
            wrong.append(f"{link}: there is no such heading")
    return wrong


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    text = '[a](no.md) [b](#nothing) [c](#a-title) <img src="no.png">\n\n## A title\n'
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")

    assert [problem.partition(": ")[0] for problem in broken(path)] == ["no.md", "#nothing", "no.png"]


def numbered(path: Path) -> tuple[str, str, str]:
    """A decision as the index must list it: the number and the title of its heading, and the file's name."""
    number, _, title = HEADING.findall(path.read_text(encoding="utf-8"))[0].partition(". ")
    return number.zfill(4), path.name, title


def test_the_index_lists_each_decision_once_under_its_own_title() -> None:
    expected = [numbered(path) for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md"))]

    assert len(expected) > 20
    assert [name[:4] for _, name, _ in expected] == [number for number, _, _ in expected]
    assert INDEXED.findall(page("docs/adr/README.md")) == expected


def test_the_glossary_is_sorted_and_says_each_word_once() -> None:
    words = re.findall(r"^- \*\*(.+?)\*\*(?: \*\(ours\)\*)?: ", page("GLOSSARY.md"), re.MULTILINE)

    assert 20 < len(words) < 75
    assert len(words) == page("GLOSSARY.md").count("\n- "), "every entry is read"
    assert sorted(set(words), key=str.lower) == words


def describes_itself(package: Path) -> bool:
    """Whether a package, or one around it, has a README.md of its own."""
    around = [package, *package.parents]
    return any((folder / "README.md").exists() for folder in around[: around.index(ROOT)])


def test_every_package_has_a_row_in_the_architecture() -> None:
    packages = {
        path.parent.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("__init__.py")
        if not describes_itself(path.parent)
    }
    documented = re.findall(r"^\| `(bot/[\w/]+)/` \|", page("docs/architecture.md"), re.MULTILINE)

    assert sorted(packages - {"bot"}) == sorted(documented)
