"""What a long history costs, and what many words at once leave."""
