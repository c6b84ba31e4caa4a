"""What holds for every test: no display, no question asked, nothing of the user's touched."""

import gc
import importlib
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, find, settings
from hypothesis.strategies import just

import engine  # noqa: F401 - before numpy, as in the program
from engine.compute.numerics import compiles
from engine.compute.threads import default_threads
from engine.log import stop_log
from tests.paths import ROOT
from tests.programs import Programs

# Before anything imports Qt. The display can be asked for: QT_QPA_PLATFORM=xcb make test
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"

# A shell that starts the tests in the background has them, and what they start, ignore Ctrl+C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LITTLE_PATIENCE = 400  # looks, some 10 µs

# The machines differ in speed, so no example has a deadline; CI draws the same examples each time.
settings.register_profile("dev", deadline=None, max_examples=30)
settings.register_profile(
    "ci",
    settings.get_profile("dev"),
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let nobody look for garbage in what is imported and collected: it stays to the end."""
    gc.disable()
    # Hypothesis looks through all objects for who holds numpy's random numbers: there are few yet.
    find(just(0), lambda _: True)
    try:
        if "PYTEST_XDIST_WORKER" in os.environ:
            _import_tests_from_another_place(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _import_tests_from_another_place(config: pytest.Config) -> None:
    """Import the tests in an order that each process of a parallel run begins elsewhere.

    So each compiles a share of them, and reads what the others have compiled meanwhile; else, in
    a fresh checkout, all compile the same file at the same time.
    """
    places = [config.invocation_params.dir / argument for argument in config.args]
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for place in places
        for path in sorted(place.rglob("test_*.py"))
    ]
    process = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    begin = len(names) * process // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for name in names[begin:] + names[:begin]:
        with suppress(Exception, pytest.skip.Exception):  # it is reported when it is collected
            importlib.import_module(name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process of a parallel run begin with a share of what takes long.

    Who has done its own takes over half of what another one has left: at the end these are short
    tests, so that all end at about the same time.
    """
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    kinds: tuple[list[pytest.Item], ...] = [], []
    for item in items:
        kinds[item.nodeid.startswith("tests/engine/")].append(item)
    items[:] = [
        item
        for n in range(count)
        for kind in kinds
        for item in kind[len(kind) * n // count : len(kind) * (n + 1) // count]
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let one process of a parallel run tell the other what a test printed or logged.

    Half a character, as in the names of some files, is no text that it could send.
    """
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode("utf-8"))
        for title, text in report.sections
    ]
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, dict[str, Any], dict[str, Any]]:
    """Let no process tell the other the keywords of a test, half of what it would have to send."""
    data = yield
    if "keywords" in data:
        data["keywords"] = {}
    return data


@pytest.fixture(scope="session", autouse=True)
def layerscope_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings, caches and recovery files of the tests in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_HOME", str(tmp_path_factory.mktemp("layerscope-home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_the_disk() -> Iterator[None]:
    """Let `os.fsync` look at the open file alone: no test cuts the power.

    What is killed is a program of its own, which waits for the disk as it does at its user's.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(autouse=True)
def ended_log() -> Iterator[None]:
    """Let no test write the log that another one has started, as the command line does."""
    yield
    stop_log()


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    """Return what starts programs that need the engine, the command line or the window."""
    programs = Programs("main", "engine.training.warm_up", "gui.app", "gui.why.panel")
    yield programs
    programs.close()


@pytest.fixture(scope="session", autouse=True)
def share_of_cores() -> Iterator[None]:
    """Let the processes of a parallel run share the cores, not each train on all of them.

    A thread that waits for its part of a step watches for it, and would take a core from the other
    process. Tests of threads ask for a number of them, which soon sleep where they wait; those that
    measure time run alone, with all.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with pytest.MonkeyPatch.context() as patch:
        if processes > 1:
            threads = max(1, default_threads() // processes)
            patch.setattr("engine.training.executor.default_threads", lambda: threads)
            if compiles():
                patch.setattr("engine.compute.native.threads.handoff.PATIENCE", LITTLE_PATIENCE)
        yield
