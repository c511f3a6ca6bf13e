"""What each task predicts and how it is judged."""
