"""The parts of the transfer-learning page, one tab a file."""
