"""Fills a desk with what a company already has: pages, tables and documents become articles."""
