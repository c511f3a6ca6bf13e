"""Transfer learning: a few pictures of one's own on top of what a network has learned from many others."""
