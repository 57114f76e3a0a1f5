"""Comments in Jira: who may read them, which are ours, each once, with their files."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.jira.reading import OURS
from bot.backends.jira.texts import escape, letters, plain
from bot.desk.ports.backends import InternalComment, OutgoingFile, PublicComment
from bot.domain.errors import DeliveryFailed
from tests.support.fakes.jira.markup import document, mentions
from tests.support.fakes.jira.playing import AGENT, CUSTOMER, NEW, playing

PUBLIC = PublicComment("Luis", "Have you tried *water*? {code}x{code} [~accountid:557058:eva]")
INTERNAL = InternalComment("Luis", "She always does that!")


async def test_who_reads_a_comment_is_decided_by_its_type_alone() -> None:
    async with playing() as played:
        issue = await played.issue()
        shown = await played.backend.say(issue.id, PUBLIC, "1", again=False)
        kept = await played.backend.say(issue.id, INTERNAL, "2", again=False)
        assert [(comment.id, comment.public) for comment in issue.comments] == [(shown, True), (kept, False)]
        assert plain(document(issue.comments[0].text)) == f"Luis\n{PUBLIC.text}"
        assert not played.site.notified


async def test_our_comments_come_back_as_ours_and_those_of_others_do_not() -> None:
    async with playing(match_addresses=True) as played:
        issue = await played.issue()
        await played.backend.say(issue.id, PUBLIC, "1", again=False)
        played.site.comment(issue, AGENT, "Try sand.", public=True)
        ours, theirs = (await played.backend.read(issue.id)).comments
        assert (ours.key, theirs.key) == (OURS, "")
        assert (theirs.text, theirs.public, theirs.from_requester) == ("Try sand.", True, False)
        assert (theirs.author.name, theirs.author.address) == ("Eva Ruiz", "eva@acme.example")


async def test_no_address_is_used_unless_the_setting_says_so() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.comment(issue, AGENT, "Try sand.", public=True)
        (comment,) = (await played.backend.read(issue.id)).comments
        assert comment.author.address == ""


async def test_what_jira_hides_from_anybody_is_internal() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.comment(issue, AGENT, "A note.", public=False)
        played.site.comment(issue, AGENT, "For administrators.", public=True, role="Administrators")
        assert [comment.public for comment in (await played.backend.read(issue.id)).comments] == [
            False,
            False,
        ]


async def test_the_requester_may_write_in_the_portal() -> None:
    async with playing(match_addresses=True) as played:
        made = await played.backend.create(replace(NEW, address="ana@acme.example"), "token", again=False)
        issue = played.site.issues[made.id]
        played.site.comment(issue, CUSTOMER, "It still burns.", public=True)
        (comment,) = (await played.backend.read(issue.id)).comments
        assert comment.from_requester
        assert comment.author.address == ""  # nobody has verified that of a customer


async def test_more_comments_than_a_page_has_are_all_read() -> None:
    async with playing() as played:
        issue = await played.issue()
        for number in range(120):
            played.site.comment(issue, AGENT, f"Word {number}", public=number % 2 == 0)
        comments = (await played.backend.read(issue.id)).comments
        assert [comment.text for comment in comments] == [f"Word {number}" for number in range(120)]


@pytest.mark.parametrize("done", [0, 1], ids=["not yet marked", "marked"])
async def test_a_comment_whose_writing_was_not_told_is_not_written_again(done: int) -> None:
    async with playing() as played:
        issue = await played.issue()
        await played.backend.say(issue.id, PUBLIC, "1", again=False)
        played.site.late = [502] if not done else []
        if done:
            await played.backend.say(issue.id, PUBLIC, "2", again=False)
        else:
            with pytest.raises(DeliveryFailed) as failed:
                await played.backend.say(issue.id, PUBLIC, "2", again=False)
            assert not failed.value.permanent
        found = await played.backend.say(issue.id, PUBLIC, "2", again=True)
        assert [comment.id for comment in issue.comments][1:] == [found]


async def test_a_comment_that_cannot_be_marked_at_once_is_found_by_its_words() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.limited = {"/properties/"}
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.say(issue.id, PUBLIC, "1", again=False)
        assert (failed.value.retry_after, failed.value.permanent) == (None, False)
        found = await played.backend.say(issue.id, PUBLIC, "1", again=True)
        assert [comment.id for comment in issue.comments] == [found]


async def test_the_same_words_a_second_time_are_a_second_comment() -> None:
    async with playing() as played:
        issue = await played.issue()
        one = await played.backend.say(issue.id, PUBLIC, "1", again=False)
        other = await played.backend.say(issue.id, PUBLIC, "2", again=True)
        assert one != other


async def test_files_go_with_their_comment_and_are_as_internal_as_it_is() -> None:
    async with playing() as played:
        issue = await played.issue()
        sent = OutgoingFile("fuego ñ.png", "image/png", b"flames")
        await played.backend.say(issue.id, replace(INTERNAL, files=(sent,)), "1", again=False)
        (comment,) = issue.comments
        (file,) = issue.attachments
        assert (comment.public, file.comment) == (False, comment.id)
        assert (file.name, file.kind, file.content) == ("fuego ñ.png", "image/png", b"flames")


async def test_files_of_agents_are_fetched_within_a_bound() -> None:
    async with playing() as played:
        issue = await played.issue()
        comment = played.site.comment(issue, AGENT, "See the picture.", public=True)
        played.site.attach(issue, comment, "plan.pdf", "application/pdf", b"x" * 2000)
        (read,) = (await played.backend.read(issue.id)).comments
        (file,) = read.files
        assert (file.name, file.media_type, file.size) == ("plan.pdf", "application/pdf", 2000)
        assert await played.backend.fetch(file.source, 4000) == b"x" * 2000
        with pytest.raises(DeliveryFailed):
            await played.backend.fetch(file.source, 1999)


async def test_a_comment_is_taken_back_with_its_files_and_once_more_is_no_error() -> None:
    async with playing() as played:
        issue = await played.issue()
        sent = OutgoingFile("a.png", "image/png", b"flames")
        made = await played.backend.say(issue.id, replace(PUBLIC, files=(sent,)), "1", again=False)
        await played.backend.take_back(issue.id, made)
        await played.backend.take_back(issue.id, made)
        assert (issue.comments, issue.attachments) == ([], [])


async def test_a_comment_on_a_deleted_request_says_that_it_is_gone() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.remove(issue)
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.say(issue.id, PUBLIC, "1", again=False)
        assert (failed.value.code, failed.value.permanent) == ("gone_there", True)


async def test_who_is_to_be_forgotten_leaves_no_word_and_no_name() -> None:
    async with playing(match_addresses=True) as played:
        made = await played.backend.create(replace(NEW, address="ana@acme.example"), "token", again=False)
        issue = played.site.issues[made.id]
        await played.backend.say(issue.id, PublicComment("Ana", "It burns."), "1", again=False)
        played.site.comment(issue, CUSTOMER, "It burns, I said.", public=True)
        kept = played.site.comment(issue, AGENT, "An engineer's own word.", public=False)
        await played.backend.forget(issue.id)
        await played.backend.forget(issue.id)
        assert issue.comments == [kept]
        assert "fire" not in f"{issue.fields}"
        assert "Ana" not in f"{issue.fields}"
        assert issue.reporter != CUSTOMER


@given(st.text(alphabet=st.sampled_from("a1 \n\\{}[]|!*_+^~?-#:;()hbq.&ñ/@")))
def test_every_text_is_shown_letter_for_letter(text: str) -> None:
    written = escape(text)
    assert letters(plain(document(written))) == letters(text)
    assert not mentions(written)
    assert "strong" not in f"{document(written)}"


def test_a_document_becomes_plain_text() -> None:
    words = {
        "type": "text",
        "text": "here",
        "marks": [{"type": "link", "attrs": {"href": "https://x.example"}}],
    }
    entry = {"type": "listItem", "content": [{"type": "paragraph", "content": [words]}]}
    shown = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"id": "1", "text": "@Eva"}},
                    {"type": "hardBreak"},
                    {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}},
                ],
            },
            {"type": "orderedList", "content": [entry, entry]},
            {
                "type": "blockquote",
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": "so"}]}],
            },
            {"type": "codeBlock", "content": [{"type": "text", "text": "ls\n-l"}]},
            {"type": "mediaGroup", "content": [{"type": "media", "attrs": {"id": "x"}}]},
            {"type": "somethingNew", "content": [{"type": "text", "text": "new"}]},
        ],
    }
    assert plain(shown) == (
        "@Eva\n😄\n1. here (https://x.example)\n2. here (https://x.example)\n> so\nls\n-l\nnew"
    )
