"""Questions that nothing of the content answers; `tests/matching/test_robust.py` holds that they stay so."""

UNKNOWN = "my flurbostat is fizzing green goo"
ALIKE = "the flurbostat fizzes green goo on me"  # the same matter, in another's words
OTHER, THIRD = "my quibbletron purrs and giggles", "the snorkwobble yodels beneath the piano"
SPANISH = "mi flurbostato burbujea pringue verde"
