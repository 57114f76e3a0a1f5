"""Every sentence that a person reads, in English and Spanish."""

from bot.wording.catalogues import FALLBACK, Catalogues, load

__all__ = ["FALLBACK", "Catalogues", "load"]
