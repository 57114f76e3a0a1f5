"""What is made of a source as a whole: parts, ids, languages, and what is alike or too thin."""

from pathlib import Path

import pytest

from bot.domain.knowledge.content import Article
from bot.importing.drafting.questions import asked
from tests.support.evaluation.imports import articles_of, brought, left_out, planned, written

FILLER = "Every room has one of them, and whoever sits next to it looks after it during the day. "
SECTION = f"Press the knob for five seconds until the light is green and then wait. {FILLER * 8}"
LONG = (
    f"# Lamps\n\n{SECTION}\n\n## Cleaning your lamp\n\nWet: {SECTION}\n\n### Symptoms\n\nDust.\n\n"
    f"## Overview\n\nAll: {SECTION}\n\n"
    f"## Replacing the glass cover\n\nNew: {SECTION}\n\n### Steps\n\n1. Sweep it.\n\n"
    f"## See also\n\n{SECTION}\n"
)


def test_a_long_page_is_divided_by_its_headings(tmp_path: Path) -> None:
    articles = articles_of(tmp_path, {"home/lamps.md": LONG}, "https://d.example/")

    assert [(one.id, one.title) for one in articles.values()] == [
        ("lamps", "Lamps"),
        ("lamps-cleaning-your-lamp", "Cleaning your lamp"),
        ("lamps-overview", "Overview (Lamps)"),
        ("lamps-replacing-the-glass-cover", "Replacing the glass cover"),
    ]
    assert articles["lamps-cleaning-your-lamp"].questions == ("How do I clean my lamp?",)
    assert articles["lamps-cleaning-your-lamp"].tags == ("Lamps",)
    assert "## Symptoms" in articles["lamps-cleaning-your-lamp"].body
    assert articles["lamps-replacing-the-glass-cover"].body.endswith("## Steps\n\n1. Sweep it.")


def test_a_short_page_and_one_of_numbered_steps_stay_whole(tmp_path: Path) -> None:
    steps = "".join(f"## Step {number}: press\n\n{SECTION}\n\n" for number in range(1, 6))
    articles = articles_of(
        tmp_path, {"a.md": f"# Short\n\n## Cleaning it\n\n{SECTION}", "b.md": f"# Steps\n\n{steps}"}
    )

    assert list(articles) == ["a", "b"]


def test_a_section_that_is_long_itself_is_divided_at_its_own_headings(tmp_path: Path) -> None:
    users = "".join(
        f"### {verb} a person\n\n{verb}: {SECTION}\n\n" for verb in ("Adding", "Deleting", "Renaming")
    )
    page = f"# Manual\n\n## Cleaning lamps\n\n{SECTION}\n\n## People\n\n{users}"

    assert list(articles_of(tmp_path, {"manual.md": page})) == [
        "manual-cleaning-lamps",
        "manual-adding-a-person",
        "manual-deleting-a-person",
        "manual-renaming-a-person",
    ]


def test_a_long_page_of_short_sections_is_divided_and_a_short_one_is_not(tmp_path: Path) -> None:
    def page(count: int) -> str:
        topics = ("taxis", "hotels", "flights", "dinners", "visas", "tips", "trains", "cars")[:count]
        return "# Travel\n\n" + "".join(f"## Rules for {one}\n\n{one}: {FILLER * 3}\n\n" for one in topics)

    assert len(articles_of(tmp_path / "long", {"travel.md": page(8)})) == 8
    assert list(articles_of(tmp_path / "short", {"travel.md": page(4)})) == ["travel"]


def test_pairs_that_were_there_before_are_not_told_again(tmp_path: Path) -> None:
    said = f"Press it. {FILLER * 2}"
    there = {name: [Article(name, name, f"{said} {name}")] for name in ("one", "two")}
    plan = planned(
        written(tmp_path, {"three.md": "# Chairs\n\nTurn the lever and sit down.\n"}), existing=there
    )

    assert plan.overlaps == []
    plan = planned(written(tmp_path, {"three.md": f"# Three\n\n{said}"}), existing=there)
    assert {pair.other.id for pair in plan.overlaps} == {"three"}


def test_each_question_of_a_page_is_an_article_however_short_its_answer(tmp_path: Path) -> None:
    faq = "# FAQ\n\n" + "".join(f"## Who may use lamp {n}?\n\n{n}: all who sit near it.\n\n" for n in "ab")

    assert list(articles_of(tmp_path, {"faq.md": faq})) == [
        "faq-who-may-use-lamp-a",
        "faq-who-may-use-lamp-b",
    ]


def test_a_part_has_the_address_of_its_heading(tmp_path: Path) -> None:
    page = LONG.replace("your lamp", "your lamp {#clean}")
    articles = articles_of(tmp_path, {"lamps.md": page}, "https://d.example/")

    assert articles["lamps-cleaning-your-lamp"].url == "https://d.example/lamps/#clean"
    assert (
        articles["lamps-replacing-the-glass-cover"].url
        == "https://d.example/lamps/#replacing-the-glass-cover"
    )


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("How do I reset it?", "#how-do-i-reset-it"),
        ("Set up `nginx` (on Linux)", "#set-up-nginx-on-linux"),
        ("Lamp – chair & desk", ""),  # sites differ in how many hyphens that makes
        ("Configuración del monitor", ""),  # and in what becomes of accents
    ],
)
def test_a_heading_without_an_address_has_the_one_that_sites_give_it(
    tmp_path: Path, heading: str, anchor: str
) -> None:
    page = f"# Lamps\n\n## {heading}\n\nFirst: {SECTION}\n\n## Another matter\n\nThen: {SECTION}\n"
    first = next(iter(articles_of(tmp_path, {"lamps.md": page * 2}, "https://d.example/").values()))
    assert (first.url or "").removeprefix("https://d.example/lamps/") == anchor


def test_nothing_of_a_divided_page_is_lost(tmp_path: Path) -> None:
    asked = "".join(f"## Is it from shop {one}?\n\nYes, {one}.\n\nIt is from there.\n\n" for one in "ab")
    page = f"# Lamps\n\nFor the lamps in your car.\n\n{asked}## Hints\n\nKeep it dry.\n"
    articles = list(articles_of(tmp_path, {"lamps.md": page}).values())

    assert [one.title.partition(" (")[0] for one in articles] == ["Is it from shop a?", "Is it from shop b?"]
    text = "\n".join(one.body for one in articles)
    assert text.startswith("For the lamps in your car.")
    assert "## Hints\n\nKeep it dry." in text


def test_ids_are_short_and_no_two_are_the_same(tmp_path: Path) -> None:
    page = "# {}\n\nPress the {} until the light is green.\n"
    names = [
        "a/index.md",
        "b/index.md",
        "b/a.md",
        "README.md",
        "Lámpara nº 1.md",
        "c/Page 0123456789abcdef0123456789abcdef.md",
    ]
    files = {name: page.format(name, name) for name in names}
    plan = planned(
        written(tmp_path / "source", files), existing={"A": [Article("A", "Mine", "Press the red one.")]}
    )
    brought(plan, tmp_path / "kb")

    assert {one.file: one.article.id for one in plan.proposals} == dict(
        zip(names, ["a-2", "b", "b-a", "readme", "lampara-no-1", "page"], strict=True)
    )


@pytest.mark.parametrize(
    "names",
    [("guide/lamp.md", "guide/lamp.es.md"), ("en/lamp.md", "es/lamp.md"), ("lamp.md", "lamp_es.md"),
     ("docs/lamp.md", "i18n/es/docusaurus-plugin-content-docs/current/lamp.md"),
     ("content/lamp.en.md", "content/lamp.es.md")],
)  # fmt: skip
def test_translations_of_a_page_are_versions_of_its_articles(tmp_path: Path, names: tuple[str, str]) -> None:
    section = "pulsa el botón hasta que la luz se ponga verde y espera un rato. " * 14
    titles = ("Limpiar tu lámpara", "Vista general", "Cambiar la tapa de cristal")
    spanish = "# Lámparas\n\n" + "".join(f"## {title}\n\n{title}: {section}\n\n" for title in titles)
    english = LONG.replace(f"# Lamps\n\n{SECTION}", "# Lamps")
    plan = planned(written(tmp_path / "source", dict(zip(names, (english, spanish), strict=True))))
    brought(plan, tmp_path / "kb")

    by_language = {
        language: [one.article.id for one in plan.proposals if one.article.language == language]
        for language in ("en", "es")
    }
    assert len(by_language["en"]) == 3
    assert by_language["en"] == by_language["es"]
    assert "¿Cómo puedo limpiar mi lámpara?" in plan.proposals[3].article.questions


def test_a_department_is_no_language(tmp_path: Path) -> None:
    articles = articles_of(
        tmp_path, {"it/lamp.md": f"# Lamp\n\n{SECTION}", "hr/chair.md": f"# Chair\n\n{FILLER}"}
    )

    assert {one.language for one in articles.values()} == {"en"}


def test_one_language_can_be_taken_alone(tmp_path: Path) -> None:
    files = {
        "a.md": f"# Lamp\n\n{SECTION}",
        "b.md": "# Lámpara\n\nPulsa el botón y espera a que la luz se apague.\n",
    }
    plan = planned(written(tmp_path, files), wanted=frozenset({"es"}))

    assert [one.article.language for one in plan.proposals] == ["es"]
    assert left_out(plan) == {"documents: 1": "their languages are en: not taken, as --language says"}


def test_the_same_text_is_taken_once_and_nearly_the_same_is_named(tmp_path: Path) -> None:
    files = {
        "a.md": f"# Lamp\n\n{SECTION}",
        "b.md": f"# Copy\n\n{SECTION}",
        "c.md": f"# Near\n\n{SECTION} And smile.",
        "d.md": "# Chair\n\nSit on it with your feet on the floor, and turn the lever until it fits you.\n",
    }
    own = Article("mine", "Mine", f"{SECTION} By hand.")
    plan = planned(written(tmp_path, files), existing={"mine": [own]})

    assert [one.article.id for one in plan.proposals] == ["a", "c", "d"]
    assert left_out(plan) == {"b.md": "it has the same text as a.md"}
    found = [(one.kept.id, one.other.id, one.reason) for one in plan.overlaps]
    assert sorted(found) == [
        ("c", "a", "it says more"),
        ("mine", "a", "it is your own"),
        ("mine", "c", "it is your own"),
    ]


def test_what_is_hard_to_find_is_named_with_what_to_write(tmp_path: Path) -> None:
    files = {
        "a.md": f"# Overview\n\n{SECTION}",
        "b.md": "# Lamp\n\nPress it.\n",
        "c.md": f"# Dark lamp\n\n{SECTION} Bye.",
        "d.md": "# Cleaning your lamp\n\nRub it.\n",
        "e.md": "# Who may press the lamp?\n\nAll.\n",
        "f.csv": "Question,Answer\nWhose is the lamp,Mine\n",
    }
    plan = planned(written(tmp_path, files))

    assert len(plan.proposals) == len(files)
    assert [(one.file, lack.partition(":")[0]) for one, lack in plan.thin] == [
        ("a.md", "its title could stand above anything"),
        ("b.md", "it says too little"),
    ]


@pytest.mark.parametrize(
    ("heading", "language", "question"),
    [
        ("Deleting your account", "en", "How do I delete my account?"),
        ("Closing or deleting an account", "en", "How do I close or delete an account?"),
        ("Setting up your profile", "en", "How do I set up my profile?"),
        ("Add a group (advanced)", "en", "How do I add a group?"),
        ("Meeting rooms", "en", None),
        ("Polls", "en", None),
        ("Who may do it?", "en", None),
        ("Configuración del servidor", "es", "¿Cómo puedo configurar el servidor?"),
        ("Cambiar tu contraseña", "es", "¿Cómo puedo cambiar mi contraseña?"),
        ("Servidor de correo", "es", None),
        ("Konto löschen", "de", None),
    ],
)
def test_a_heading_that_names_an_action_is_a_question(
    heading: str, language: str, question: str | None
) -> None:
    assert asked(heading, language) == question


VERSIONS = {
    "numbers": ("2.0.1", "2.0.0", "1.9.3", "1.9.2", "1.9.1", "1.0.0-rc.1"),
    "days": (
        "[1.4.0] - 2024-05-01",
        "[1.3.0] - 2024-04-01",
        "v1.2 (March 2, 2024)",
        "1.1.0 - 2023",
        "1.0.0: 2022-12-24",
    ),
    "only days": ("July 7, 2025", "April 26, 2025", "November 28, 2024", "28 May 2024", "2023-12-01"),
    "días": ("7 de julio de 2025", "26 de abril de 2025", "3 de mayo del 2024", "1/2/2024", "31.12.2023"),
    "names": ("Lamp 3.2", "Lamp 3.1", "Versión 3.0", "Lamp Server 2.9", "Lamp 2.8", "Unreleased"),
}


@pytest.mark.parametrize("kind", VERSIONS)
def test_what_changed_by_version_is_left_out(tmp_path: Path, kind: str) -> None:
    changes = "".join(f"## {one}\n\n### Bug fixes\n\n{one}: {SECTION}\n\n" for one in VERSIONS[kind])
    pages = {"news.md": f"# News\n\n{changes}", "chair.md": f"# Chairs\n\n{SECTION}"}
    plan = planned(written(tmp_path, pages))

    assert [one.article.id for one in plan.proposals] == ["chair"]
    assert left_out(plan)["news.md"] == "it tells what changed from version to version"


@pytest.mark.parametrize(
    "days",
    [
        ["January 1, 2026", "April 3, 2026", "May 1, 2026", "June 4, 2026", "December 25, 2026"],
        ["December 24, 2025", "December 25, 2025", "January 1, 2026", "April 3, 2026", "May 1, 2026"],
        ["Budget 2026", "Budget 2025", "Budget 2024", "Budget 2023", "Budget 2022"],
    ],
)
def test_a_calendar_is_no_list_of_changes(tmp_path: Path, days: list[str]) -> None:
    sections = "".join(f"## {one}\n\n{one}: {SECTION}\n\n" for one in days)
    assert left_out(planned(written(tmp_path, {"days.md": f"# Days\n\n{sections}"}))) == {}


def test_a_heading_that_several_pages_have_says_of_which_page_it_is(tmp_path: Path) -> None:
    page = "".join(
        f"## {one}\n\n{one}, {{name}}: {SECTION}\n\n" for one in ("Did you buy it here?", "Is it old?")
    )
    names = ("Lamp", "Chair")
    pages = {f"{name}.md": f"# {name}\n\n{page.format(name=name)}" for name in names}
    plan = planned(written(tmp_path, {**pages, "desk.md": f"# Desk\n\n## Is it wood?\n\nYes. {SECTION}\n"}))

    titles = [one.article.title for one in plan.proposals]
    assert len(set(titles)) == len(titles)
    for name in names:
        assert f"Did you buy it here? ({name})" in titles


@pytest.mark.parametrize("name", ["Section 2.{}", "2.{} Scope of the rule", "Chapter 1.{}", "Office {}"])
def test_numbered_sections_are_no_versions(tmp_path: Path, name: str) -> None:
    sections = "".join(f"## {name.format(one)}\n\n{one}: {SECTION}\n\n" for one in range(1, 8))
    plan = planned(written(tmp_path, {"policy.md": f"# Policy\n\n{sections}"}))

    assert plan.proposals
    assert left_out(plan) == {}


def test_the_marks_of_questions_and_answers_are_no_part_of_them(tmp_path: Path) -> None:
    page = (
        f"# Questions\n\n## Q: How do I dim the desk lamp?\n\n**A:** Turn the knob. {FILLER}\n\n"
        f"## P1. ¿Y si la lámpara no se enciende?\n\nR: Sweep the glass. {FILLER}\n\n"
        f"## Q: the first lamp of all\n\nA: Lamp. {FILLER * 8}\n"
    )
    found = {one.title: one.body for one in articles_of(tmp_path, {"questions.md": page}).values()}

    assert list(found) == [
        "How do I dim the desk lamp?",
        "¿Y si la lámpara no se enciende?",
        "Q: the first lamp of all",
    ]
    assert [body.split(".")[0] for body in found.values()] == ["Turn the knob", "Sweep the glass", "A: Lamp"]
