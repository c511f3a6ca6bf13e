"""Ends a process of the engine when the server that started it is gone, however that ended.

Dask loads this module into the scheduler, the nannies and the workers (its *preload* hook). A server that is
killed cannot tidy up after itself, so each of its processes looks for it once a second.
"""

import os
import threading
import time

import psutil

SERVER = "CVLIB_SERVER"
INTERVAL_SECONDS = 1.0


def server_mark() -> str:
    """This process, named so that a later process with the same number is not mistaken for it."""
    return f"{os.getpid()}:{psutil.Process().create_time():.2f}"


def is_alive(mark: str) -> bool:
    """Whether the process that `server_mark` named is still running."""
    pid, created = mark.split(":")
    try:
        process = psutil.Process(int(pid))
        return f"{process.create_time():.2f}" == created and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_with(mark: str) -> None:
    """Wait until the named process is gone, then end this one and all its children."""
    while is_alive(mark):
        time.sleep(INTERVAL_SECONDS)
    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    os._exit(1)


def dask_setup(_service: object) -> None:
    """Start the watch in this process, if a server is named in the environment."""
    mark = os.environ.get(SERVER)
    if mark:
        threading.Thread(target=end_with, args=(mark,), daemon=True, name="watch-server").start()
