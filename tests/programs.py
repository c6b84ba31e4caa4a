"""Programs in processes of their own, for tests of what they do, not of how they start.

Python takes longer to load what a program needs than most of them take to run. On Linux they are
forked from one process that has loaded it; elsewhere each is started by itself. A test of the start
uses `subprocess`.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple, Self

from tests.paths import ROOT

SECONDS = 60.0
Begun = tuple[int, Callable[[float], int]]  # the number of the process, and what waits for its end
FORKS = sys.platform == "linux"
KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL  # nothing can be done after it
FORKING = "from tests.forking import next_program as _next; exec(_next())"


class Ended(NamedTuple):
    """How a program ended, and what it said."""

    code: int
    out: str
    err: str


class Program:
    """A program that was started. As a context, it is waited for; after a fault it is ended."""

    def __init__(self, begun: Begun, out: IO[bytes], err: IO[bytes], files: ExitStack) -> None:
        self.pid, self._wait = begun
        self._out, self._err, self._files = out, err, files
        self._ended: Ended | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._ended is None:
            self.send(signal.SIGTERM)
        self.ended()

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def lines(self) -> Iterator[str]:
        """Give each line of a program that is read as soon as it says it."""
        return (line.decode() for line in self._out)

    def ended(self, seconds: float = SECONDS) -> Ended:
        """Wait until it has ended. Of a program that is read, the output is what was left."""
        if self._ended is None:
            with self._files:
                if self._out.seekable():
                    code = self._wait(seconds)
                    self._out.seek(0)
                    said = self._out.read()
                else:  # it ends when all has been read
                    said = self._out.read()
                    code = self._wait(seconds)
                self._err.seek(0)
                self._ended = Ended(code, said.decode(), self._err.read().decode())
        return self._ended


class Programs:
    """Starts programs that need the same modules."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._control: socket.socket | None = None

    def close(self) -> None:
        """End the process from which programs are forked."""
        if self._control is not None:
            self._control.close()
            self._forking.wait(SECONDS)

    def start(
        self,
        *arguments: str | Path,
        environment: Mapping[str, str] = os.environ,
        folder: Path = ROOT,
        read: bool = False,
    ) -> Program:
        """Start what `python ARGUMENT...` starts, in a folder; `read` lets it be read by lines."""
        call = [str(each) for each in arguments]
        begin = self._fork if FORKS else _begin
        files = ExitStack()
        err = _file(files)
        if not read:
            out = _file(files)
            return Program(begin(call, environment, folder, out, err), out, err, files)
        ours, theirs = os.pipe()
        reader = files.enter_context(os.fdopen(ours, "rb"))
        with os.fdopen(theirs, "wb") as writer:
            begun = begin(call, environment, folder, writer, err)
        return Program(begun, reader, err, files)

    def _fork(
        self,
        call: list[str],
        environment: Mapping[str, str],
        folder: Path,
        out: IO[bytes],
        err: IO[bytes],
    ) -> Begun:
        control = self._control or self._load()
        request = {"arguments": call, "environment": dict(environment), "folder": str(folder)}
        ours, theirs = os.pipe()
        with open(os.devnull, "rb") as nothing, os.fdopen(theirs, "wb") as told:
            files = [file.fileno() for file in (nothing, out, err, told)]
            socket.send_fds(control, [json.dumps(request).encode()], files)
        outcome = os.fdopen(ours, "rb")
        pid = int(outcome.readline())

        def wait(seconds: float) -> int:
            with outcome:
                if not select.select([outcome], [], [], seconds)[0]:
                    raise TimeoutError(f"{call} has not ended in {seconds} s")
                return int(outcome.readline())

        return pid, wait

    def _load(self) -> socket.socket:
        """Start the process that loads the modules and forks."""
        self._control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self._forking = subprocess.Popen(
                [sys.executable, "-c", FORKING, str(theirs.fileno()), *self._modules],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return self._control


def _begin(
    call: list[str], environment: Mapping[str, str], folder: Path, out: IO[bytes], err: IO[bytes]
) -> Begun:
    started = subprocess.Popen(
        [sys.executable, *call],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    )
    return started.pid, started.wait


def _file(files: ExitStack) -> IO[bytes]:
    return files.enter_context(tempfile.TemporaryFile())
