"""Pictures of articles for a channel, and an article's Markdown that shows one and a table."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.knowledge.content import Picture

PICTURE = Picture("vpn.png", "0f" * 16, "image/png", 640, 400, Path("vpn.png"))
SHOWN = f"""\
1. Open **Settings**.

   ![The VPN client's window](picture:{PICTURE.name})

1. Take the address of your site:

   | Site | Address | Since |
   |:-----|:-------:|------:|
   | Madrid | `vpn.example.com` | 2024 |
   | *Lima* | [here](https://lima.example.com), or a \\| b | |
1. Restart.

| Key | Means |
|---|---|
| F1 | Help |

Done.
"""


@dataclass
class ShownPictures:
    """The `Pictures` of a server at an address; `fetched` says whether platforms reach it."""

    public_url: str = ""
    fetched: bool = True
    shown: dict[str, Picture] = field(default_factory=lambda: {PICTURE.name: PICTURE})

    def find(self, name: str) -> Picture | None:
        return self.shown.get(name)

    def path(self, picture: Picture) -> str:
        return f"/pictures/signed-{picture.name}"

    def address(self, name: str) -> str:
        picture = self.find(name)
        return self.public_url + self.path(picture) if picture and self.public_url else ""

    def open(self, token: str) -> Picture | None:
        return self.find(token.removeprefix("signed-"))
