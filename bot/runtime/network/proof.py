"""Marks requests whose sender has proved who they are, whatever becomes of what they send."""

from aiohttp import web

PROVED: web.RequestKey[bool] = web.RequestKey("proved", bool)
