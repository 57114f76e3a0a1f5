"""Scoring of candidates: their features, calibrated confidences, and the words that matched."""
