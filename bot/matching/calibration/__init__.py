"""Confidences from trials on the content itself."""
