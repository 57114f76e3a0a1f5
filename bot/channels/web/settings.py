"""Settings of the page."""

from pydantic import SecretStr

from bot.channels.web.access.accounts import HERE, read_grants
from bot.channels.web.sign_in.options import ProviderSettings, provider_mistakes

NUMBERS = ("web_wrong_sign_ins", "web_messages_a_minute", "web_windows", "web_windows_in_all")
LARGEST_NUMBER = 100_000
YES, NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")


class Settings(ProviderSettings):
    """Who may use the page.

    `FIRSTLINE_WEB_TOKENS`: entries `token=name:role`, separated by whitespace or commas; the role is
    `employee`, `manager` or `engineer`, a token has at least 16 characters or is written as its hash, `_` in
    a name is shown as a space. The settings of an identity provider are in `sign_in/options`.
    """

    web_tokens: SecretStr = SecretStr("")
    web_engineers_see_insights: str = "false"
    web_wrong_sign_ins: str = "20"
    web_messages_a_minute: str = "120"
    web_windows: str = "20"
    web_windows_in_all: str = "5000"

    @property
    def engineers_see_insights(self) -> bool:
        """Whether engineers see the figures, too."""
        return self.web_engineers_see_insights.strip().lower() in YES

    @property
    def lets_people_in(self) -> bool:
        """Whether somebody may use the page: with a token, or with an identity provider."""
        tokens = self.web_tokens.get_secret_value().strip(", \t\r\n")
        return bool(tokens or self.oidc_issuer.strip())


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether there is a page (in the demo, or where somebody may use it) or a place for articles."""
    return demo or settings.lets_people_in or bool(settings.public_url)


def mistakes(settings: Settings) -> list[str]:
    """Every mistake in the settings, with what to do; a token itself is never shown."""
    wrong = [
        f"FIRSTLINE_{name.upper()}: must be a whole number from 1 to {LARGEST_NUMBER}."
        for name in NUMBERS
        if not _is_number(getattr(settings, name))
    ]
    if settings.web_engineers_see_insights.strip().lower() not in (*YES, *NO):
        wrong.append("FIRSTLINE_WEB_ENGINEERS_SEE_INSIGHTS: must be true or false.")
    tokens = read_grants(settings.web_tokens.get_secret_value())[1]
    return [*tokens, *provider_mistakes(settings), *wrong]


def numbers(settings: Settings) -> tuple[int, ...]:
    """What one person or address may ask of the page, in the order of `NUMBERS`."""
    return tuple(int(getattr(settings, name)) for name in NUMBERS)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= LARGEST_NUMBER


def fault_in_room(room: str) -> str | None:
    """What is wrong with a room as a queue names it."""
    return None if room == HERE else f"the page has one room; write 'web: {HERE}' to have the cards in it"
