"""How long tests wait, in one place: a bound for a machine that is slow and busy, never a wait."""

PATIENCE = 180.0  # seconds until something that must come counts as missing
