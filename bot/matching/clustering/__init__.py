"""Puts texts into groups that ask the same."""
