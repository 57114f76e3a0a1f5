"""Who may use the page, as it is configured."""

import pytest
from aiohttp import web

from bot.channels.web import Settings, build, configured, mistakes
from bot.channels.web.access.accounts import PERSONAS, ROOM, Role, digest_of, read_grants
from bot.channels.web.channel import WebChannel
from bot.domain.people import Identity
from tests.support.channels.page_host import Desk, make_host


def settings(tokens: str) -> Settings:
    return Settings(_env_file=None, web_tokens=tokens)  # type: ignore[call-arg,arg-type]  # pydantic-settings' own


def test_tokens_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_WEB_TOKENS", "abcdefghijklmnop=ana:employee")
    read = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own
    assert "abcdefghijklmnop" not in repr(read)
    assert configured(read, demo=False)


def test_without_tokens_there_is_a_page_in_the_demo_only() -> None:
    assert configured(settings(" "), demo=True)
    assert not configured(settings(" "), demo=False)
    only_articles = WebChannel((), make_host(Desk(), anonymous=False))
    assert only_articles.room is None
    app = web.Application()
    only_articles.mount(app)
    paths = {resource.canonical for resource in app.router.resources()}
    assert paths == {
        "/web/static/{name}",
        "/about",
        "/pictures/{token}",
        "/privacy",
        "/terms",
        "/articles/{token}",
        "/files/{token}",
    }


def test_entries_are_separated_by_whitespace_or_commas() -> None:
    grants, wrong = read_grants("a234567890123456=ana:employee,\n b234567890123456==Leo_F:engineer ,")
    assert wrong == ()
    assert [(g.digest, g.participant.id, g.participant.name, g.participant.role) for g in grants] == [
        (digest_of("a234567890123456"), "ana", "ana", Role.EMPLOYEE),
        (digest_of("b234567890123456="), "Leo_F", "Leo F", Role.ENGINEER),
    ]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("secretsecretsecret", "write it as token=name:role"),
        ("secretsecretsecret=ana", "write it as token=name:role"),
        ("secretsecretsecret=ana:boss", "the role 'boss' is unknown"),
        ("secretsecret=ana:employee", "shorter than 16"),
        ("secretsecretsecret=room:employee", "engineers' room"),
        ("secretsecretsecret=a/b:employee", "letters, digits"),
    ],
)
def test_a_mistake_names_the_setting_and_never_the_token(entry: str, says: str) -> None:
    [sentence] = mistakes(settings("first-token-123456=tom:employee " + entry))
    assert sentence.startswith("FIRSTLINE_WEB_TOKENS, entry 2: ")
    assert says in sentence
    assert "secretsecret" not in sentence


def test_every_mistake_is_told_at_once() -> None:
    same = "abcdefghijklmnop=ana:employee"
    found = mistakes(settings(f"{same} {same} ponmlkjihgfedcba=ana:engineer short=x:engineer"))
    assert ["twice" in found[0], "both employee and engineer" in found[1], len(found)] == [True, True, 3]


def test_a_token_may_be_a_manager_s() -> None:
    [grant], wrong = read_grants("a234567890123456=eva:manager")
    assert (grant.participant.role, wrong) == (Role.MANAGER, ())


async def test_the_room_s_members_are_the_engineers() -> None:
    demo = build(settings(""), make_host(Desk()))
    engineers = [person for person in PERSONAS if person.role is Role.ENGINEER]
    assert await demo.members(ROOM) == {Identity("web", "", one.id): one.name for one in engineers}
    tokens = build(settings("abcdefghijklmnop=leo:engineer bbcdefghijklmnop=ana:employee"), make_host(Desk()))
    assert tokens.find_room("true") == ROOM
    assert await tokens.members(ROOM) == {Identity("web", "", "leo"): "leo"}


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1e9", "100001", "١"])
def test_a_limit_is_a_number_from_one_on(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_WEB_WINDOWS", value)
    assert [one.partition(":")[0] for one in mistakes(settings(""))] == ["FIRSTLINE_WEB_WINDOWS"]
