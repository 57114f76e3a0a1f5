"""What helps people write: gaps, drafts with their previews, and what they would change."""
