"""Errors of Firstline; a class's docstring is its default message."""


class FirstlineError(Exception):
    """Something in Firstline went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


def details(error: BaseException) -> dict[str, object]:
    """Fields of the log for an error: its sentence where it is one of ours, else where it came from."""
    return {"cause": str(error)} if isinstance(error, FirstlineError) else {"exc_info": error}


class SettingsInvalid(FirstlineError):
    """The settings are not valid; correct the ones named and start again."""


class ContentInvalid(FirstlineError):
    """The articles or intents are not valid; run `firstline check` and correct what it names."""


class WordsInvalid(FirstlineError):
    """The lists of words are not valid; correct the file named."""


class SourceUnavailable(FirstlineError):
    """A source of articles cannot be reached; see that its address and its credentials are right."""

    def __init__(
        self, message: str | None = None, *, code: str = "unreachable", retry_after: float = 0.0
    ) -> None:
        """`code` is for metrics and the log; nothing is to be asked for `retry_after` seconds."""
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class DatabaseNotReady(FirstlineError):
    """The database does not have the newest schema; run `firstline migrate`."""


class PageNotFound(FirstlineError):
    """The documentation has no page of this name."""


class ManifestInvalid(FirstlineError):
    """A chat platform would refuse this manifest; correct what is named and make it again."""


class ArticleNotWritten(FirstlineError):
    """The article was not written; no file was changed."""


class ExampleNotFound(FirstlineError):
    """There is no such example to be decided on; nothing was changed."""


class NothingToDraft(FirstlineError):
    """No article can be made of this ticket; nothing was written."""


class NothingToPreview(FirstlineError):
    """There is no file of content to be shown; name one, or a folder with such files."""


class BackupFailed(FirstlineError):
    """The backup could not be made or restored; nothing was changed."""


class StorageBusy(FirstlineError):
    """Two transactions stood in each other's way; nothing was changed, and the same again may succeed."""


class StorageUnavailable(FirstlineError):
    """The database cannot be used; nothing was kept, and the same can be sent again when it is back."""


class Overloaded(FirstlineError):
    """More comes in than can be taken in, and nothing of this was; the same again may be, in a moment."""

    def __init__(self, reason: str = "full") -> None:
        """`reason`: "full" where the wait would be too long, "late" where it was."""
        super().__init__()
        self.reason = reason


class BodyTooSlow(FirstlineError, TimeoutError):
    """What was sent came too slowly, or not to its end; send it again."""


class PersonNotFound(FirstlineError):
    """There is no such person, or there are several."""


class NotJoined(FirstlineError):
    """These accounts cannot be joined, or are not."""


class TicketNotFound(FirstlineError):
    """There is no such ticket."""


class PostUnreadable(FirstlineError):
    """What waits in the outbox is erased, or was written by a newer version."""


class LeaseLost(FirstlineError):
    """Another replica took over this conversation while it was being delivered."""


class NeverOpen(FirstlineError):
    """A queue's hours never open; correct its hours and dates in the queues' file."""


class RosterUnavailable(FirstlineError):
    """The members of the engineers' room could not be read."""


COPY_KEPT = "copy_kept"  # the message is away, and its reader has a copy of the file that we cannot reach


class DeliveryFailed(FirstlineError):
    """A post could not be delivered.

    `code` is the platform's own error code, `retry_after` is in seconds where the platform said so, and
    `permanent` means that the same post can never succeed.
    """

    def __init__(self, code: str, *, retry_after: float | None = None, permanent: bool = False) -> None:
        super().__init__(f"The post could not be delivered: {code}.")
        self.code = code
        self.retry_after = retry_after
        self.permanent = permanent


class EncoderUnavailable(FirstlineError):
    """The embeddings are not available."""

    def __init__(self, message: str | None = None, *, passing: bool = True) -> None:
        """Note with `passing` whether they may be available later without a change of the settings."""
        super().__init__(message)
        self.passing = passing
