"""What somebody has typed into a draft and not approved yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TypedDraft:
    """Texts of a draft as somebody left them; `base` tells the draft that they began from."""

    at: datetime
    base: str
    article: str
    intent: str
