"""Measures the matcher: its speed, its answers to sets of questions, the promise of few wrong answers."""
