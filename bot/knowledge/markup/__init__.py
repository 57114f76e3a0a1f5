"""Text with markup: HTML as a tree, and the Markdown that is written of it."""
