"""Ticket backends, which mirror our tickets in other systems, a package each; none is needed."""
