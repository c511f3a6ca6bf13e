"""The parts of the page on segmentation."""
