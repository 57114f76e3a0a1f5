"""Every sentence that a person reads, in English and Spanish."""

from bot.wording.catalogues import Catalogues, load

__all__ = ["Catalogues", "load"]
