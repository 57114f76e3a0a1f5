"""Accounts of one person in several channels."""
