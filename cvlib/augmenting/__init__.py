"""What a person asks about augmentation: what it looks like, when it hurts, whether it pays, how to take it home."""
