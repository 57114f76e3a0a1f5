"""Transports, one package each.

A package offers `Settings` (a pydantic-settings model that reads the environment), `configured(settings,
*, demo)`, `mistakes(settings)` and `build(settings, host)`, and may offer `warnings(settings, wording,
language)`, which asks the platform; only the last two import the transport's SDK.
"""
