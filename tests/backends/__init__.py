"""Tests of ticket backends."""
