"""Pictures of the previewed articles, as a server whose address everybody reaches would show them."""

from collections.abc import Iterable

from bot.domain.knowledge.content import Picture

PATH = "/pictures/"


class PreviewPictures:
    """The `Pictures` of a preview; `origin` is where it is served, from which a post's addresses begin."""

    fetched = True

    def __init__(self, pictures: Iterable[Picture] = (), origin: str = "") -> None:
        self._origin = origin
        self._shown = {picture.name: picture for picture in pictures}

    def show(self, pictures: Iterable[Picture]) -> None:
        """Add pictures; a window that is open may show those of before."""
        self._shown |= {picture.name: picture for picture in pictures}

    def find(self, name: str) -> Picture | None:
        """Return a picture by its name."""
        return self._shown.get(name)

    def path(self, picture: Picture) -> str:
        """Return its address from the root."""
        return f"{PATH}{picture.name}"

    def address(self, name: str) -> str:
        """Return its whole address."""
        picture = self.find(name)
        return self._origin + self.path(picture) if picture else ""

    def open(self, token: str) -> Picture | None:
        """Return the picture that an address leads to."""
        return self.find(token)
