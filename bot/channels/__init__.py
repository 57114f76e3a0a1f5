"""Transports, one package each.

A package offers `Settings` (a pydantic-settings model that reads the environment), `configured(settings,
*, demo)`, `mistakes(settings)`, `fault_in_room(room)` and `build(settings, host)`, and may offer
`warnings(settings, wording, language, rooms)`, which asks the platform; only the last two import its SDK.
"""
