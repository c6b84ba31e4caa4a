"""Layerscope's entry: open the window, or do a command's work without one."""

import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback of modules that are being loaded
if __name__ == "__main__" and sys.flags.safe_path:  # as PYTHONSAFEPATH asks
    sys.path.insert(0, str(Path(__file__).parent))

from engine.cli.output import say
from engine.cli.parser import COMMANDS, make_parser, take_verbosity
from engine.compute.numerics import check_choice, compile_elsewhere, has_numba
from engine.errors import LayerscopeError, ProjectError
from engine.files.project_file import PROJECT_ENDING
from engine.log import start_log, written_log
from engine.version import PROGRAM, version

_logger = logging.getLogger("main")
PICTURE_SIZE = (1280, 800)
PICTURE_MILLISECONDS = 2000  # for the panels to draw what there is to be seen
MOST_MILLISECONDS = 60_000  # until there is: on a busy machine it takes long
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code: 0 done, 1 the input is at fault, 2 wrong usage."""
    verbosity, given = take_verbosity(sys.argv[1:] if arguments is None else arguments)
    # A stream that was closed before the start, as services do it, is None.
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a narrow code page shall not end the program
            stream.reconfigure(errors="replace")
    start_log(verbosity)
    try:
        check_choice()
        compile_elsewhere()
        if not given or _is_project(given):
            _log_start(given)
            return _open_window(Path(given[0]) if given else None)
        try:
            options = make_parser(version()).parse_args(given)
        finally:  # --help has ended here
            sys.stdout.flush()
        _log_start(given)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except LayerscopeError as error:
        _logger.warning("Refused: %s", error)
        _say(str(error))
    except MemoryError:
        _say("There is not enough memory for this. Take a smaller network, batch or data set.")
    except KeyboardInterrupt:
        _say("Stopped.")
        return STOPPED
    except BrokenPipeError:  # nobody reads on, as behind `| head`
        pass
    except OSError as error:  # most files have their own words; left is the terminal, say
        if error.errno is None:  # of no file: a library that does not load, say
            _say_defect(error)
        elif error.filename is None:
            _say(f"The output could not be written: {error.strerror}. Send it elsewhere.")
        else:
            _say(f"{error.filename} cannot be used: {error.strerror}. Check the file and its disk.")
    except Exception as error:  # a defect of the program: the traceback goes to the log
        _say_defect(error)
    finally:
        _drop_unwritten()
    return 1


def _drop_unwritten() -> None:
    """Drop output that cannot be written: Python would end with a code of its own at its exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):  # a stream of another program has no number
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_project(given: Sequence[str]) -> bool:
    """Return whether the arguments are a project to open, not a command or a slip of the pen."""
    path = Path(given[0])
    known = given[0] in COMMANDS or given[0].startswith("-") or not given[0]
    return len(given) == 1 and not known and (path.suffix == PROJECT_ENDING or path.exists())


def _open_window(project: Path | None) -> int:
    if _has_display():
        if sys.platform == "win32" and has_numba():
            # Before Qt, whose C++ library may be too old for the compiler and would be taken.
            with suppress(ImportError, OSError):
                from llvmlite import binding as binding
        from gui.app import run

        return run(project)
    if project is not None:
        raise ProjectError(
            f"There is no display to show {project} on. Without one there are the commands "
            f"{', '.join(COMMANDS)}: see {PROGRAM} --help."
        )
    from engine.cli.train import train_without_display

    return train_without_display(_take_picture)


def _has_display() -> bool:
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def _take_picture(project: Path, picture: Path) -> None:
    """Draw the window with a project, without a display."""
    os.environ.update(QT_QPA_PLATFORM="offscreen", LAYERSCOPE_UNATTENDED="1")
    os.environ["QT_LOGGING_RULES"] = "default.warning=false"  # of what the platform cannot do
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from gui.app import create_window

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert app is not None  # it must live as long as the window
    window = create_window(project)
    window.resize(*PICTURE_SIZE)
    window.showNormal()  # also if the last one was maximized
    loop = QEventLoop()
    window.session.store.watch(
        lambda s: None not in (s.seen.snapshot, s.seen.predictions),
        lambda: QTimer.singleShot(PICTURE_MILLISECONDS, loop.quit),
    )
    QTimer.singleShot(MOST_MILLISECONDS, loop.quit)
    loop.exec()
    saved = window.grab().save(str(picture))
    window.close()
    if not saved:
        raise ProjectError(f"The picture {picture} could not be written. Make room in its folder.")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _log_start(given: Sequence[str]) -> None:
    python = platform.python_version()
    _logger.info("Layerscope %s, Python %s, %s: %s", version(), python, sys.platform, given)


def _catch_the_rest() -> None:
    """Let a defect that nobody can catch, such as one in a thread, be a sentence as well."""

    def hook(kind: type[BaseException], error: BaseException | None, _traceback: object) -> None:
        _say_defect(error if error is not None else Exception(kind.__name__))

    sys.excepthook = hook
    sys.unraisablehook = lambda failed: hook(failed.exc_type, failed.exc_value, None)
    threading.excepthook = lambda failed: hook(failed.exc_type, failed.exc_value, None)


def _say_defect(error: BaseException) -> None:
    _logger.critical("A defect", exc_info=error)
    log = written_log()
    _say(
        f"Something went wrong inside Layerscope ({type(error).__name__}: {error}). "
        f"Please report it{f', with {log}' if log else ''}."
    )


def _say(text: str) -> None:
    with suppress(OSError):  # the exit code says it too
        say(f"{PROGRAM}: {' '.join(text.splitlines())}", aside=True)


if __name__ == "__main__":
    _catch_the_rest()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
