"""The process that `tests.programs` forks programs from: it has loaded what they need."""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 1 << 20  # of a request


def next_program() -> str:
    """Fork for each request; return, in a process of its own, the code that it is to run.

    The arguments of this process are the number of the socket and the modules to load before.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        with contextlib.suppress(ImportError):  # who needs it will say so
            import_module(module)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the programs and the tests
    while True:
        request, files, _, _ = socket.recv_fds(control, MOST_BYTES, 4)
        if not request:
            _end()
        if os.fork() == 0:
            control.close()
            program = os.fork()
            if program == 0:
                return _become(json.loads(request), files)
            _tell(program, files)
        _close(files)
        _bury(os.WNOHANG)


def _tell(program: int, files: Sequence[int]) -> NoReturn:
    """Write who the program is, and how it has ended: only its parent can know that."""
    *streams, told = files
    _close(streams)
    os.write(told, b"%d\n" % program)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]))
    os._exit(0)


def _become(request: dict[str, Any], files: Sequence[int]) -> str:
    """Be as Python is when it begins with these arguments; return the code to run."""
    for stream, file in enumerate(files[:3]):
        os.dup2(file, stream)
    _close(files)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Those of this process keep from its beginning whether they are at a place in a file.
    sys.stdout = os.fdopen(1, "w", 1, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    first, *rest = request["arguments"]
    if first == "-c":
        code, *rest = rest
        sys.argv = ["-c", *rest]
        return str(code)
    if first == "-m":
        sys.argv = rest
        return f"import runpy; runpy.run_module({rest[0]!r}, run_name='__main__', alter_sys=True)"
    sys.argv, sys.path[0] = [first, *rest], str(Path(first).parent)
    return f"import runpy; runpy.run_path({first!r}, run_name='__main__')"


def _end() -> NoReturn:
    _bury(0)
    os._exit(0)


def _bury(how: int) -> None:
    """Take notice of the processes that have ended, or wait until all have."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


def _close(files: Sequence[int]) -> None:
    for file in files:
        os.close(file)
