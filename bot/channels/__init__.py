"""Transports, one package each.

A package offers `Settings` (a pydantic-settings model that reads the environment), `configured(settings,
*, demo)` and `build(settings, host)`; only `build` imports the transport's SDK.
"""
