"""Repositories of joined accounts and of absences."""
