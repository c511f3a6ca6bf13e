"""The parts of the page on detection, one a file."""
