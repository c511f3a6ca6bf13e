"""What the page on segmentation asks for: methods without a network, and what is computed for it."""
