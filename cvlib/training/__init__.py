"""Training: a specification becomes a trained model.

trained = training.train(spec, report=print)
store.put(spec.digest, training.to_files(trained))
"""

from cvlib.training.loop import load_data, train
from cvlib.training.record import as_script, to_files
from cvlib.training.trained import TrainedModel

__all__ = ["TrainedModel", "as_script", "load_data", "to_files", "train"]
