from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.server.content import content_in

PIECES = st.sampled_from(
    [
        *"---\n: [] {} - ? & * ! | > ' \" # % @ ` \t ,".split(" "),
        "\n",
        "  ",
        "title",
        "intent: a\n",
        "reply: x\n",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)).map(
    lambda t: t.encode(errors="replace")
)


@settings(max_examples=150, deadline=None)
@given(article=st.one_of(st.binary(), TEXTS), intent=st.one_of(st.binary(), TEXTS))
def test_no_file_stops_loading(article: bytes, intent: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.md").write_bytes(article)
        (folder / "a.yaml").write_bytes(intent)
        content = content_in(folder, folder)

    lines = max(article.count(b"\n"), intent.count(b"\n"), article.count(b"\r"), intent.count(b"\r")) + 2
    assert all(1 <= problem.line <= lines and problem.message for problem in content.problems)
    assert content.articles or any(problem.error for problem in content.problems)
