"""An installation from nothing: `firstline init`."""
