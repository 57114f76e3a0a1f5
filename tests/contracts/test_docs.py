"""The documentation is held to the code: settings, commands, metrics, links, the glossary."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from prometheus_client.metrics_core import Metric
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.main import get_command

from bot.cli.main import app
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import known_names, settings_models
from bot.server.settings import Settings, env_names
from tests.support.paths import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
SETTING = re.compile(r"\b(?:FIRSTLINE|SLACK|MICROSOFT)_[A-Z][A-Z_]*[A-Z]\b")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
INDEXED = re.compile(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?\s*\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
NOT_HERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
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


def described_settings() -> dict[str, list[str]]:
    """The rows of the settings' page, and those that a plugin brings in a README.md of its own."""
    own = [path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("README.md")]
    return rows("\n".join([page("docs/settings.md"), *own]))


def test_every_setting_is_in_the_tables() -> None:
    documented = described_settings()

    assert [name for name in known_names(Settings) if name not in documented] == []


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


def exported(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def test_every_metric_is_described_and_no_other() -> None:
    documented = {name for name in rows(page("docs/operations.md")) if name.startswith("firstline_")}

    assert {exported(metric) for metric in Metrics().registry.collect()} == documented


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings get on GitHub."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(name)
    return found


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
