"""Figures of the desk for whoever answers for it: what is counted, and what a change of it means."""
