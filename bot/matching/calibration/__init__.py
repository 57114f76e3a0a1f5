"""Calibration of confidences by questions held out of the content itself."""
