"""What can go wrong because of what a person did or has, each as a sentence that person can act on.

Every class here is safe to show: its text names no path and no code. Anything else that is raised is a fault
of the program and is shown as one neutral sentence (see `cvlib.ui.errors`).
"""


class UserError(Exception):
    """A sentence that says what happened and what to do next."""


class ImageError(UserError):
    """A picture that cannot be used."""


class UnknownName(UserError):
    """A name that is in no catalogue."""


class SpecError(UserError):
    """A training specification with a value that makes no sense."""


class DataUnavailable(UserError):
    """A data set or weights that are neither here nor to be had from the internet."""


class Busy(UserError):
    """The queue, a session's share of it, or the server's room for uploads is full."""


class JobError(UserError):
    """A job that ended without its result."""


class Cancelled(JobError):
    """A job that somebody stopped."""


class TimeLimit(JobError):
    """A job that ran into its hard limit."""


class OutOfMemory(JobError):
    """A job whose process outgrew the machine."""


class Diverged(JobError):
    """A training whose loss became infinite or not a number."""


class RunNotFound(UserError):
    """A run that the store does not hold."""
