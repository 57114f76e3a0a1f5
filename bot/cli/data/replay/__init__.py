"""Asks the questions of the last weeks again, of an edited content: `firstline replay`."""
