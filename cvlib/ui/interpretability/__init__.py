"""The parts of the interpretability page, one tab a file."""
