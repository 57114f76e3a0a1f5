"""What somebody is told whose request is refused."""

import math

from bot.domain.errors import FirstlineError


class Refusal(FirstlineError):
    """The request is refused; `after` seconds it may be tried again, 0 where that is no use."""

    def __init__(self, status: int, key: str, after: float = 0.0) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key
        self.after = math.ceil(after)


class SessionStale(Refusal):
    """The identity provider must be asked again, which only the person's browser can do."""

    def __init__(self) -> None:
        super().__init__(401, "web.error.sign-in")
