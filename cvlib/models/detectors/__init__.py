"""Detectors: one family a file, all of them `base.Detector`s."""
