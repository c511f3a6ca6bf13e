"""The parts of the adversarial page, one tab a file."""
