"""Relay of messages, edits and files between an employee and the engineers' rooms."""
