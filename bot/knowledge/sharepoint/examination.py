"""The checks of SharePoint for `firstline doctor`: the app with its sites, and the folder."""

from collections.abc import Sequence

from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Teller
from bot.knowledge.sharepoint import NAME, PREFIX, Settings
from bot.knowledge.sharepoint.api import GraphApi
from bot.knowledge.wiki.client import Refused
from bot.knowledge.wiki.documents import text_at
from bot.knowledge.wiki.examination import asked, folder_findings
from bot.knowledge.wiki.settings import folder_of, names_of

TITLE = "Microsoft Graph"


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks; nothing is written anywhere."""
    tell = host.tell

    async def sites() -> Sequence[Finding]:
        api = GraphApi(settings)
        try:
            return [await _site(api, name, tell) for name in names_of(settings.sites)]
        finally:
            await api.close()

    async def folder() -> Sequence[Finding]:
        return folder_findings(folder_of(settings, NAME), f"{PREFIX}FOLDER", tell)

    checks = (asked("sites", TITLE, PREFIX, tell, sites), Check("folder", folder))
    return Examination(checks, (settings.graph_url, settings.login_url))


async def _site(api: GraphApi, name: str, tell: Teller) -> Finding:
    try:
        site = text_at(await api.site(name), "id")
        async for _ in api.pages(site):
            return tell.ok("sites", "sharepoint.doctor.site", about=name, name=name)
    except Refused as error:
        return tell.error("sites", "sharepoint.doctor.no_site", about=name, name=name, status=error.status)
    return tell.warning("sites", "sharepoint.doctor.no_pages", about=name, name=name)
