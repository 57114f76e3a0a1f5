"""The checks of the page for `firstline doctor`: who may use it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.channels.web.access.accounts import Role, read_grants
from bot.channels.web.sign_in.errors import ProviderUnavailable
from bot.channels.web.sign_in.options import ProviderOptions
from bot.channels.web.sign_in.provider import Provider
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Teller, ok
from bot.runtime.network.loopback import is_loopback

TOKENS, ISSUER = "FIRSTLINE_WEB_TOKENS", "FIRSTLINE_OIDC_ISSUER"


def examination(tokens: str, issuer: str, options: ProviderOptions | None, host: DoctorHost) -> Examination:
    """The checks of who is let in: people with a token, and those whom an identity provider knows.

    `options` are None where the settings of the provider at `issuer` have mistakes.
    """

    async def people() -> Sequence[Finding]:
        return _people(tokens, issuer, host.public_url, host.tell)

    async def provider() -> Sequence[Finding]:
        return [await _provider(options, host.tell)]

    if not issuer:
        return Examination((Check("people", people),))
    return Examination((Check("people", people), Check("provider", provider)), (issuer,))


async def _provider(options: ProviderOptions | None, tell: Teller) -> Finding:
    """Whether the identity provider says what it must of itself; nobody is signed in."""
    name = "provider"
    if options is None:
        return tell.skipped(name, "web.doctor.provider_unset", remedy="web.doctor.see_settings")
    provider = Provider(options)
    try:
        await provider.metadata()
    except ProviderUnavailable:
        return tell.error(name, "web.doctor.provider_away", issuer=options.issuer)
    finally:
        await provider.close()
    return tell.ok(name, "web.doctor.provider_answers", issuer=options.issuer)


def _people(tokens: str, issuer: str, public_url: str, tell: Teller) -> list[Finding]:
    grants, _ = read_grants(tokens)
    if not grants and not issuer:
        return [tell.skipped("people", "web.doctor.nobody", tokens=TOKENS, issuer=ISSUER)]
    engineers = sum(grant.participant.role is Role.ENGINEER for grant in grants)
    told = [tell.counted("web.doctor.tokens", len(grants), engineers=engineers)] if grants else []
    told += [tell.say("web.doctor.provider", issuer=issuer)] if issuer else []
    people = " ".join(told)
    host = urlsplit(public_url).hostname or ""
    if public_url.startswith("http://") and not is_loopback(host):
        return [tell.warning("people", "web.doctor.plain", people=people, url=public_url)]
    return [ok("people", people)]
