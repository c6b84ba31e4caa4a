"""CodeStore: keeps compiled machine code in files between two starts of the program.

An error there is never raised: the loop is compiled again, which costs time only.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import sys
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from engine.machine.kept_files import read_kept, write_kept
from engine.paths import home
from engine.version import INSTALLED

SOURCES = Path(__file__).parents[1]  # the whole native twin
KEPT = 8  # folders of other sources and versions, such as those of another branch
KEPT_SECONDS = 14 * 24 * 3600
_logger = logging.getLogger(__name__)


class CodeStore:
    """Keeps pieces of machine code in files, under one key for all that they are made from.

    A piece is read from the first folder that has it whole, and written to the first that takes it.
    It is trusted as Python trusts its byte code: a root that others may write to is left out.
    Nothing is raised: what cannot be read is compiled anew, what cannot be written is compiled
    again at the next start, and the log says so, once.
    """

    def __init__(self, roots: Sequence[Path], sources: Path = SOURCES) -> None:
        self._sources, self._key = sources, ""
        self._told: set[str] = set()
        try:
            self._key = code_key(sources)
        except (OSError, ImportError) as error:  # a numba of which nobody knows the version, say
            roots = []
            self.tell("reading", f"The sources of the machine code cannot be read ({error}).")
        self._folders = [root / self._key for root in roots if _is_own(root)]
        for folder in self._folders:
            _clear_others(folder)

    def load(self, name: str) -> bytes | None:
        """Return a piece of machine code; None if there is none that is whole."""
        for folder in self._folders:
            path = folder / name
            try:
                return read_kept(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self.tell("reading", f"The machine code in {path} cannot be read ({error}).")
        return None

    def save(self, name: str, code: bytes) -> None:
        """Keep a piece of machine code."""
        faults = []
        try:
            if (
                code_key(self._sources) != self._key
            ):  # edited since: this code may be of the old sources
                return
        except (OSError, ImportError):
            return
        for folder in self._folders:
            try:
                write_kept(folder / name, [code])
            except OSError as error:
                faults.append(str(error))
            else:
                return
        self.tell("writing", f"Machine code cannot be kept ({'; '.join(faults)}).")

    @property
    def keeps_all(self) -> bool:
        """Whether no piece was lost that was to be kept."""
        return not self._told & {"saving", "writing"}

    def mark_complete(self, loops: str) -> None:
        """Keep a mark that all loops of a set are kept, for processors like this one, if they are.

        A mark may find room where loops found none.
        """
        if self.keeps_all:
            self.save(f"complete-{loops}-{_processor()}", b"complete")

    def is_complete(self, loops: str) -> bool:
        """Return whether all loops of a set are kept for this processor."""
        if not any(folder.is_dir() for folder in self._folders):
            return False  # without loading a compiler to ask it for the processor
        try:
            processor = _processor()
        except Exception as error:  # whatever a compiler raises that does not load
            self.tell("asking", f"The compiler does not load ({error!r}).")
            return False
        return self.load(f"complete-{loops}-{processor}") is not None

    def tell(self, kind: str, what: str) -> None:
        """Write a line to the log: the first of its kind."""
        if kind not in self._told:
            self._told.add(kind)
            _logger.warning("%s", what)


def code_key(sources: Path = SOURCES) -> str:
    """Name all that machine code is made from: source files with the flags in them, and versions.

    numba itself looks only at the file of a loop, not at those of the loops that it calls. Raises
    OSError where the sources are not there, as in a bundle of byte code: all would share one key.
    """
    digest, paths = hashlib.sha256(), sorted(sources.rglob("*.py"))
    if not paths:
        raise FileNotFoundError(f"there are none in {sources}")
    for path in paths:
        name = path.relative_to(sources).as_posix()
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    versions = sys.version, version("numba"), version("llvmlite"), version("numpy")
    flags = sorted(each for each in os.environ.items() if each[0].startswith("NUMBA_"))
    digest.update(repr((versions, flags)).encode())
    return digest.hexdigest()[:16]


@cache
def code_store() -> CodeStore:
    """Return the store of this process."""
    return CodeStore(usual_roots())


@cache
def _processor() -> str:
    """Name the processor that code is compiled for, as numba tells them apart."""
    from llvmlite import binding

    name, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    special = repr((binding.get_process_triple(), name, features))
    return hashlib.sha256(special.encode()).hexdigest()[:16]


def _is_own(root: Path) -> bool:
    """Return whether nobody but this user and the system's may write to a folder, if it exists."""
    try:
        about = root.stat()
    except OSError:
        return True
    owned = not hasattr(os, "getuid") or about.st_uid in (0, os.getuid())
    return owned and not (os.name == "posix" and about.st_mode & 0o002)


def usual_roots() -> list[Path]:
    """List where machine code may be kept: where numba was told to, else beside the source.

    Beside the source of an installed program, it would stay behind when that is removed.
    """
    roots = [] if INSTALLED else [SOURCES / "__pycache__" / "loops"]
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        roots.insert(0, Path(chosen) / "layerscope")
    with contextlib.suppress(RuntimeError):  # a user without a home
        roots.append(home() / "compiled")
    return roots


def _clear_others(folder: Path) -> None:
    """Remove the folders beside this one that are old, or too many.

    A program that still uses one compiles anew. Young ones stay, so that programs of two branches
    or two versions of Python do not take turns at this.
    """
    with contextlib.suppress(OSError):
        os.utime(folder)  # it is in use
    try:
        others = [each for each in folder.parent.iterdir() if each.name != folder.name]
        ages = {each: time.time() - each.stat().st_mtime for each in others if each.is_dir()}
    except OSError:
        return
    for place, other in enumerate(sorted(ages, key=ages.__getitem__)):
        if place >= KEPT or ages[other] > KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
