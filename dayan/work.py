"""`dayan work`: the worker. It takes jobs from the queue one by one, at lower priority.

One worker a data folder: it holds a lock that the system frees however it dies, so the next one knows
that nobody speaks for the jobs that were running. `serve` starts one (`beside`), starts it again when
it dies, and it ends with `serve`: its standard input is a pipe that closes when `serve` is gone.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psutil
from filelock import FileLock, Timeout

from api.logs import configure
from api.settings import Settings
from dayan.delivering import keep_sending
from dayan.turn import Interrupted, Turn
from ledger import jobs
from ledger.errors import DayanError
from ledger.jobs import Job
from ledger.state import State

log = logging.getLogger("dayan.work")
#: Seconds between two looks into an empty queue, and at a lock that another worker holds.
LOOK_S = 0.5
#: A worker that has grown larger goes after its job, and a fresh one comes.
LARGEST_BYTES = 1_500 << 20
#: Seconds that a worker gets to let go of its job when `serve` ends.
GOODBYE_S = 10.0
#: A worker that lived shorter died at once: the next try waits longer, up to the last.
SHORT_LIFE_S, LONGEST_WAIT_S = 10.0, 60.0
#: Files of uploads whose job never came are kept so long: their request may still be on its way.
STRAY_S = 6 * 3600.0


def work(settings: Settings, leaving: Event, *, until_idle: bool = False) -> None:
    """Take jobs until `leaving` is set, or with `until_idle` until none waits."""
    state = State(settings.data)
    with _alone(settings.data, leaving) as mine:
        if not mine:
            return
        jobs.abandon(state)
        _remove_strays(settings.data, state)
        worker = f"{os.getpid()}-{jobs.new_id()}"
        send = Thread(target=keep_sending, args=(settings, state, leaving), name="webhooks", daemon=True)
        send.start()
        while not leaving.is_set():
            job = jobs.take(state, worker)
            if job is not None:
                do(settings, state, job, leaving)
                if psutil.Process().memory_info().rss > LARGEST_BYTES and not until_idle:
                    return
            elif until_idle:
                return
            else:
                leaving.wait(LOOK_S)


def do(settings: Settings, state: State, job: Job, leaving: Event) -> None:
    """Do one job that was taken; whatever happens to it is told in its row."""
    from dayan.tasks import clean_up, run

    with Turn(state, job, leaving) as turn:
        try:
            turn.end("done", run(settings, turn))
        except Interrupted:
            turn.leave()
        except DayanError as error:
            turn.end("failed", error={"code": error.code, "params": error.params})
        except Exception:
            log.exception("job %s (%s) failed", job.id, job.kind)
            turn.end("failed", error={"code": "internal", "params": {}})
    if jobs.get(state, job.id).state in jobs.ENDED:
        clean_up(settings.data, job.id)


def attend(settings: Settings, *, attached: bool) -> None:
    """The command: work until told to go (a signal), `attached` also until standard input closes."""
    leaving = Event()
    configure(settings.log_format)
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: leaving.set())
    if attached:
        Thread(target=_until_closed, args=(leaving,), name="parent", daemon=True).start()
    with suppress(OSError, psutil.Error):
        low = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10
        psutil.Process().nice(low)
    work(settings, leaving)


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """A worker process beside this one, started again whenever it dies, until the block ends."""
    over = Event()
    keeper = Thread(target=_keep, args=(settings, over), name="worker", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(GOODBYE_S + 5)


def _keep(settings: Settings, over: Event) -> None:
    wait = 1.0
    while not over.is_set():
        begun = time.monotonic()
        with _started(settings) as process:
            while process.poll() is None and not over.wait(0.2):
                pass
        if over.is_set():
            return
        lived = time.monotonic() - begun
        wait = 1.0 if lived > SHORT_LIFE_S else min(wait * 2, LONGEST_WAIT_S)
        if process.returncode:
            log.warning("the worker ended with %s; it is started again", process.returncode)
            over.wait(wait)


@contextmanager
def _started(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process that ends with the block: asked to at first, then made to."""
    command = [sys.executable, "-m", "dayan", "work", "--attached", "--data", str(settings.data)]
    # A session of its own: Ctrl-C is for `serve`, which then lets the worker end in peace.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_closed(leaving: Event) -> None:
    with suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    leaving.set()


@contextmanager
def _alone(folder: Path, leaving: Event) -> Iterator[bool]:
    """Hold the lock of the folder's one worker; False when told to go while waiting for it."""
    (folder / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / "run" / "work.lock")
    while not leaving.is_set():
        try:
            lock.acquire(timeout=0)
        except Timeout:
            leaving.wait(LOOK_S)
            continue
        try:
            yield True
        finally:
            lock.release()
        return
    yield False


def _remove_strays(folder: Path, state: State) -> None:
    """Remove uploads that no job waits for: of a request that broke off, of a server that died."""
    from dayan.tasks import UPLOADS, clean_up

    awaited = jobs.unfinished(state)
    for given in (folder / UPLOADS).glob("*"):
        with suppress(OSError):
            if given.name not in awaited and time.time() - given.stat().st_mtime > STRAY_S:
                clean_up(folder, given.name)
