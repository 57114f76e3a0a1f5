"""Pages in the dialects of Markdown that generators of sites have."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.evaluation.imports import articles_of, left_out, planned, written

STEPS = "1. Open the **Settings**.\n2. Press *Reset* and wait until the lamp is green.\n"


def body_of(folder: Path, text: str, **beside: str) -> str:
    files = {name.replace("__", "/") + ".md": content for name, content in beside.items()}
    (article,) = [
        one
        for one in articles_of(
            folder, {"lamp.md": f"# The lamp\n\n{text}", **files}, "https://docs.example/"
        ).values()
        if one.title == "The lamp"
    ]
    return article.body


def test_a_page_without_front_matter_has_the_title_of_its_first_heading(tmp_path: Path) -> None:
    articles = articles_of(tmp_path, {"guide/reset-lamp.md": f"# Reset the lamp\n\n{STEPS}"})

    assert [(one.id, one.title, one.language, one.body) for one in articles.values()] == [
        ("reset-lamp", "Reset the lamp", "en", STEPS.strip())
    ]
    assert articles["reset-lamp"].questions == ("How do I reset the lamp?",)


def test_a_page_without_any_title_has_its_files_name_and_says_so(tmp_path: Path) -> None:
    plan = planned(written(tmp_path, {"03-reset_the-lamp.md": STEPS}))

    (proposal,) = plan.proposals
    assert proposal.article.title == "Reset the lamp"
    assert proposal.notes == ["no title: it has its file's name"]


@pytest.mark.parametrize(
    ("name", "front"),
    [
        ("mkdocs.md", "---\ntitle: 'Lamp: reset it'\ntags:\n  - light\n---\n"),
        (
            "docusaurus.mdx",
            "---\ntitle: \"Lamp: reset it\"\nslug: /x\nkeywords: [light]\n---\nimport A from '@b/a';\n",
        ),
        ("hugo.md", '+++\ntitle = "Lamp: reset it"\ntags = ["light"]\n+++\n'),
        ("broken.md", "---\ntitle: Lamp: reset it\ntags: light\n---\n"),
        ("windows.md", "\ufeff---\r\ntitle: 'Lamp: reset it'\r\nkeywords: light\r\n---\r\n"),
    ],
)
def test_front_matter_of_every_generator_is_read(tmp_path: Path, name: str, front: str) -> None:
    (article,) = articles_of(tmp_path, {name: f"{front}\n# Another heading\n\n{STEPS}"}).values()

    assert (article.title, article.tags, article.body) == ("Lamp: reset it", ("light",), STEPS.strip())


def test_dates_addresses_and_languages_of_front_matter_are_kept(tmp_path: Path) -> None:
    front = "---\ntitle: Lámpara\nlang: es\nlastmod: 2024-02-03T10:00:00Z\ncanonical_url: https://a.example/l\n---\n"
    (article,) = articles_of(tmp_path, {"l.md": front + STEPS}).values()

    assert (article.language, article.updated, article.url) == ("es", date(2024, 2, 3), "https://a.example/l")


def test_a_day_to_come_is_no_day_of_a_change(tmp_path: Path) -> None:
    (article,) = articles_of(
        tmp_path, {"l.md": f"---\ntitle: Lamp\nupdated: 2999-01-01\n---\n{STEPS}"}
    ).values()

    assert article.updated is None


def test_drafts_and_pieces_are_left_out(tmp_path: Path) -> None:
    plan = planned(
        written(
            tmp_path,
            {"a.md": f"---\ntitle: A\ndraft: true\n---\n{STEPS}", "_piece.md": STEPS, "empty.md": "# E\n"},
        )
    )

    assert plan.proposals == []
    assert left_out(plan) == {"a.md": "it is a draft", "empty.md": "it has no text"}


@pytest.mark.parametrize(
    "text",
    [
        '!!! warning "Hot"\n    Do **not** touch it.\n\n    - never\n',
        '??? danger "Hot"\n\n    Do **not** touch it.\n\n    - never\n',
        ":::warning[Hot]\n\nDo **not** touch it.\n\n- never\n\n:::\n",
        ":::{warning} Hot\nDo **not** touch it.\n\n- never\n:::\n",
        "```{admonition} Hot\n:class: warning\nDo **not** touch it.\n\n- never\n```\n",
        "<details><summary>Hot</summary>\n\nDo **not** touch it.\n\n- never\n\n</details>\n",
        '{{% expand "Hot" %}}\n\nDo **not** touch it.\n\n- never\n\n{{% /expand %}}\n',
    ],
)
def test_notes_of_every_dialect_are_a_bold_line_and_their_text(tmp_path: Path, text: str) -> None:
    assert body_of(tmp_path, text) == "**Hot**\n\nDo **not** touch it.\n\n- never"


@pytest.mark.parametrize(
    "text",
    [
        '=== "Mac"\n\n    Press it.\n\n=== "Linux"\n\n    Turn it.\n',
        '<Tabs>\n<TabItem value="m" label="Mac">\n\nPress it.\n\n</TabItem>\n'
        '<TabItem value="l" label="Linux">\n\n'
        "Turn it.\n\n</TabItem>\n</Tabs>\n",
        "````{tab-set}\n```{tab-item} Mac\nPress it.\n```\n```{tab-item} Linux\nTurn it.\n```\n````\n",
        '{{< tab "Mac" >}}\nPress it.\n{{< /tab >}}\n{{< tab "Linux" >}}\nTurn it.\n{{< /tab >}}\n',
    ],
)
def test_tabs_of_every_dialect_stand_one_below_the_other(tmp_path: Path, text: str) -> None:
    assert body_of(tmp_path, text) == "**Mac**\n\nPress it.\n\n**Linux**\n\nTurn it."


@pytest.mark.parametrize(
    "line",
    ['--8<-- "parts/_press.md"', "{!parts/_press.md!}", "{% include-markdown 'parts/_press.md' %}",
     "```{include} parts/_press.md\n```", "import Press from './parts/_press.md';\n\n<Press />"],
)  # fmt: skip
def test_what_a_page_includes_is_part_of_it(tmp_path: Path, line: str) -> None:
    assert (
        body_of(tmp_path, f"Before.\n\n{line}\n\nAfter.", parts___press="Press it.")
        == "Before.\n\nPress it.\n\nAfter."
    )


@pytest.mark.parametrize("name", ["../../secret.md", "/etc/passwd", "nothing.md"])
def test_what_is_not_in_the_source_is_not_included(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.md").write_text("secret")
    source = written(tmp_path / "a" / "b", {"lamp.md": f'# Lamp\n\nPress it.\n\n--8<-- "{name}"\n'})
    (proposal,) = planned(source).proposals

    assert proposal.article.body == "Press it."
    assert proposal.notes == [f"left out: '{name}', which it includes, is not there"]


def test_a_page_that_includes_itself_ends(tmp_path: Path) -> None:
    files = {
        "_a.md": 'A.\n\n--8<-- "_b.md"\n',
        "_b.md": 'B.\n\n--8<-- "_a.md"\n',
        "c.md": '# C\n\n--8<-- "_a.md"\n',
    }
    (proposal,) = planned(written(tmp_path, files)).proposals

    assert proposal.article.body.startswith("A.\n\nB.\n\nA.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![Build](https://ci.example/b.svg)\n\n[![x](y.png)](z)\n\nPress it.", "Press it."),
        ("Press ![the red knob](knob.png).", "Press the red knob."),
        ("<p align='center'>Press <b>it</b>.<br>Then <kbd>Esc</kbd>.</p>", "Press **it**.  \nThen **Esc**."),
        ("Press it[^1]. {{ site.name }} :material-lamp:\n\n[^1]: Gently.", "Press it."),
        ("Press it[^1].\n\n[^1]: Gently.\n\nThen wait.", "Press it.\n\nThen wait."),
        ("See {ref}`the knob <knob>` and [[Other page|there]].", "See the knob and there."),
        ("It is told [in it](other.md#top), [out](https://o.example/a_(b)), <a href='javascript:a'>bad</a> "
         "[to](mailto:a@b.example)",
         "It is told [in it](https://docs.example/other/#top), [out](https://o.example/a_%28b%29), bad "
         "[to](mailto:a@b.example)"),
        ('More of it: [Ref]({{< ref "other.md" >}}) and [by name](./other)',
         "More of it: [Ref](https://docs.example/other/) and [by name](https://docs.example/other/)"),
        ("| a | b |\n|---|---|\n| 1 | `x\\|y` |", "| a | b |\n| --- | --- |\n| 1 | `x\\|y` |"),
        ("```python\n# {{ not a heading }}\n!!! note\n```", "```\n# {{ not a heading }}\n!!! note\n```"),
        ("1. One\n\n    ```\n    two\n    ```\n\n2. Three\n   - four",
         "1. One\n\n   ```\n   two\n   ```\n2. Three\n   - four"),
        ("2 \\* 3, snake_case, \\# no heading, &lt;b&gt;", "2 \\* 3, snake_case, # no heading, \\<b>"),
        ("## Knobs {{< new >}}\n\nOne.\n\n## Press { it {.red}\n\n## Or {\n\nTwo.",
         "## Knobs\n\nOne.\n\n## Press { it\n\n## Or {\n\nTwo."),
        ("<br>Press<br><b> it </b>.<br>\n<br>", "Press  \n**it** ."),
        ("<b>Note<br></b>Press<i><br>it</i><b><br></b>.", "**Note**  \nPress  \n*it*  \n."),
        ("> [!WARNING]\n> Hot.", "> **Warning**\n>\n> Hot."),
        ("<script>alert('x')</script><style>p {}</style>\n\nPress it.", "Press it."),
    ],
)  # fmt: skip
def test_what_is_no_plain_markdown_becomes_some(tmp_path: Path, text: str, expected: str) -> None:
    assert body_of(tmp_path, text, other="# Other\n\nThat lamp.\n") == expected


def test_without_a_base_address_relative_links_are_text_and_are_counted(tmp_path: Path) -> None:
    source = written(tmp_path, {"a.md": "# Lamp\n\nPress it, see [the other](b.md) and [this](#below).\n"})
    (proposal,) = planned(source).proposals

    assert proposal.article.body == "Press it, see the other and this."
    assert proposal.notes == ["links that lead nowhere: 1; give --base-url"]
    assert proposal.article.url is None


@pytest.mark.parametrize(
    ("base", "name", "text", "url"),
    [
        ("https://d.example/", "a/index.md", "", "https://d.example/a/"),
        ("https://d.example/v1/", "b.md", "---\nslug: c\n---\n", "https://d.example/v1/c/"),
        (
            "https://git.example/o/r/blob/main/docs/",
            "a/b c.md",
            "",
            "https://git.example/o/r/blob/main/docs/a/b%20c.md",
        ),
        ("https://d.example/", "01.first/02-b.mdx", "", "https://d.example/first/b/"),
    ],
)
def test_an_article_has_the_address_of_its_page(
    tmp_path: Path, base: str, name: str, text: str, url: str
) -> None:
    (article,) = articles_of(tmp_path, {name: f"{text}# Lamp\n\n{STEPS}"}, base).values()

    assert article.url == url


def test_what_stands_below_a_term_is_its_text(tmp_path: Path) -> None:
    page = (
        "Cover\n: Of glass. It goes\nwith every lamp.\n\n    Dry it.\n\nRing\n: Of tin.\nFoot\n: Of wood.\n\n"
        "Knob\n:   Of steel:\n\n    ```\n    press knob\n    ```\n\n"
        "    Keep it dry.\n\n## Cable\n\n: Two metres.\n\n"
        "| Part | Where |\n| :--- | :-- |\n| Bulb | : shelf |\n\n"
        "Time : noon.\n"
    )

    assert body_of(tmp_path, page) == (
        "**Cover**\n\nOf glass. It goes with every lamp.\n\nDry it.\n\n"
        "**Ring**\n\nOf tin.\n\n**Foot**\n\nOf wood.\n\n**Knob**\n\nOf steel:\n\n```\npress knob\n```\n\n"
        "Keep it dry.\n\n## Cable\n\nTwo metres.\n\n| Part | Where |\n| --- | --- |\n| Bulb | : shelf |\n\n"
        "Time : noon."
    )
