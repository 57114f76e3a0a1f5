"""What may go wrong between us and an identity provider."""

from bot.domain.errors import FirstlineError


class ProviderUnavailable(FirstlineError):
    """The identity provider does not answer, or not as OpenID Connect says."""


class SignInRefused(FirstlineError):
    """The identity provider refuses, or what it answered is not valid.

    `code` says why, for the log; `kind` is the sentence that the person reads.
    """

    def __init__(self, code: str, kind: str = "failed") -> None:
        super().__init__(f"The sign-in was refused: {code}.")
        self.code = code
        self.kind = kind
