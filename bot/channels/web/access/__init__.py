"""Accounts, sign-in and sessions of the page."""
