"""Finds which article or intent a text asks for; owns every text library."""
