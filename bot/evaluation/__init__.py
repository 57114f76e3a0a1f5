"""How good the answers are: questions with known answers, figures, and a gate for edits."""
