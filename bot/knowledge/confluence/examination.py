"""The checks of Confluence for `firstline doctor`: the account, the spaces, who may read them, the folder."""

from collections.abc import Sequence

from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Teller
from bot.knowledge.confluence import NAME, PREFIX, Settings
from bot.knowledge.confluence.api import ConfluenceApi
from bot.knowledge.wiki.client import Failed, Refused
from bot.knowledge.wiki.examination import asked, folder_findings
from bot.knowledge.wiki.settings import folder_of

TITLE = "Confluence"


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks; nothing is written anywhere."""
    tell = host.tell

    async def account() -> Sequence[Finding]:
        api = ConfluenceApi(settings)
        try:
            return [tell.ok("account", "confluence.doctor.account", name=await api.account())]
        finally:
            await api.close()

    async def spaces() -> Sequence[Finding]:
        api = ConfluenceApi(settings)
        try:
            return await _spaces(api, tell)
        finally:
            await api.close()

    async def folder() -> Sequence[Finding]:
        return folder_findings(folder_of(settings, NAME), f"{PREFIX}FOLDER", tell)

    checks = (
        asked("account", TITLE, PREFIX, tell, account),
        asked("spaces", TITLE, PREFIX, tell, spaces),
        Check("folder", folder),
    )
    return Examination(checks, (settings.url,))


async def _spaces(api: ConfluenceApi, tell: Teller) -> Sequence[Finding]:
    await api.account()
    found = await api.spaces()
    told = [
        tell.error("spaces", "confluence.doctor.no_space", about=key, key=key)
        for key in api.keys
        if key not in found
    ]
    return [*told, *[await _read_by(api, key, space, tell) for key, space in found.items()]]


async def _read_by(api: ConfluenceApi, key: str, space: str, tell: Teller) -> Finding:
    """Say who may read a space: whether a group is everybody, only its people know."""
    try:
        readers = await api.readers(space)
        empty = True
        async for _ in api.pages(space, newest=True):
            empty = False
            break
    except (Refused, Failed):
        return tell.warning("spaces", "confluence.doctor.readers_unknown", about=key, key=key)
    groups = sum(kind == "group" for kind, _ in readers)
    if not groups:
        return tell.warning("spaces", "confluence.doctor.no_group", about=key, key=key, people=len(readers))
    if empty:
        return tell.warning("spaces", "confluence.doctor.no_pages", about=key, key=key)
    return tell.ok("spaces", "confluence.doctor.space", about=key, key=key, groups=groups)
