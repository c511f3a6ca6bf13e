"""The vision workshop's library: data, networks, training, and the engine that runs them.

Importing it, or any module in it, loads neither TensorFlow nor Keras: those are loaded where they are first
used, which in the app is always a worker process.
"""

__version__ = "0.1.0"
