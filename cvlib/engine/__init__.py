"""Where work runs: trainings in processes of their own, interactive calls in one warm process.

engine = Engine()
engine.start()                                  # returns at once
engine.run(data.preview, "digits")              # in the warm process
job = engine.train(spec, owner="session")       # one at a time per device, fair between sessions
engine.job(spec.digest).history                 # as it goes
engine.run_with_model(job.digest, classification.predict, images)
"""

from cvlib.engine.handle import Engine, Status
from cvlib.engine.jobs import Job, State

__all__ = ["Engine", "Job", "State", "Status"]
