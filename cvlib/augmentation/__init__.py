"""The transforms' catalogue, and pipelines of them."""

from cvlib.augmentation.catalogue import CATALOG, info
from cvlib.augmentation.pipeline import Pipeline, Step, parsed

__all__ = ["CATALOG", "Pipeline", "Step", "info", "parsed"]
