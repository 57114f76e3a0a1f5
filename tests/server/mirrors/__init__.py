"""Tests of mirrors of tickets in other systems."""
