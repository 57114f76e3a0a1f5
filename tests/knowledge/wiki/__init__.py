"""Tests of the pages of other systems."""
