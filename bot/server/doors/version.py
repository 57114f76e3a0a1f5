"""Keeps to ourselves by which versions we are served."""

from aiohttp import web_response

NAME = "Firstline"


def hide_version() -> None:
    """Name no version in answers: a signal of the application sees none that aiohttp gives by itself."""
    web_response.SERVER_SOFTWARE = NAME  # type: ignore[attr-defined]  # imported there, and read there
