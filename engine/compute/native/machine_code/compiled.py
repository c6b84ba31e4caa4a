"""How loops are compiled: by numba, on first use, and kept for the next start."""

import hashlib
import pickle
import threading
import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from llvmlite import binding
from numba import njit
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps
from numba.extending import intrinsic

from engine.compute.native.machine_code.code_store import code_store
from engine.compute.native.machine_code.tracks import current_track

Loop = TypeVar("Loop", bound=Callable[..., Any])

# Of the liberties with floating point, only those are taken that keep NaN and infinity.
_KEEPING_ORDER = {"contract", "nsz"}
_LIBERTIES = _KEEPING_ORDER | {"reassoc"}


def compiled(loop: Loop) -> Loop:
    """Compile a function over arrays. It lets other threads run, and is quiet about infinities.

    The order of sums is the compiler's choice.
    """
    return cast(Loop, _NotedLoop(_compiled(loop, _LIBERTIES)))


def compiled_for_threads(loop: Loop) -> Loop:
    """Compile a function by which threads hand over work: a captured step does not contain it."""
    return cast(Loop, _compiled(loop, _LIBERTIES))


def compiled_in_order(loop: Loop) -> Loop:
    """Compile a function whose sums are done as they are written, for its rounding relies on it."""
    return cast(Loop, _NotedLoop(_compiled(loop, _KEEPING_ORDER)))


def generated(generator: Callable[..., Any]) -> Any:
    """Make a function for compiled loops of one that generates its machine code."""
    return intrinsic(generator)


def _compiled(loop: Loop, liberties: set[str]) -> Any:
    dispatcher: Any = njit(nogil=True, error_model="numpy", fastmath=liberties)(loop)
    dispatcher._cache = _KeptCode(loop)
    compile_for = dispatcher.compile

    def compile_timed(arguments: Any) -> Any:
        with _preparing:
            return compile_for(arguments)

    dispatcher.compile = compile_timed
    return dispatcher


def seconds_preparing() -> float:
    """Return how long this process has spent so far on compiling and loading loops."""
    return _preparing.seconds


def loops_prepared() -> int:
    """Count the loops that were compiled or loaded so far, without those that these call."""
    return _preparing.loops


class _Preparing:
    """Adds up the time in which any thread compiles or loads a loop, which may call others."""

    def __init__(self) -> None:
        self.seconds, self.loops = 0.0, 0
        self._lock, self._own = threading.Lock(), threading.local()
        self._threads, self._since = 0, 0.0

    def __enter__(self) -> None:
        self._own.depth = getattr(self._own, "depth", 0) + 1
        if self._own.depth == 1:
            with self._lock:
                self._threads += 1
                if self._threads == 1:
                    self._since = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._own.depth -= 1
        if self._own.depth == 0:
            with self._lock:
                self._threads, self.loops = self._threads - 1, self.loops + 1
                if self._threads == 0:
                    self.seconds += time.perf_counter() - self._since


_preparing = _Preparing()


class _NotedLoop:
    """A compiled loop whose calls are noted while a step is captured."""

    def __init__(self, dispatcher: Any) -> None:
        self.dispatcher = dispatcher
        self._numba_type_ = dispatcher._numba_type_  # so that other compiled loops can call it
        update_wrapper(self, dispatcher.py_func)

    def __call__(self, *arguments: Any) -> Any:
        result = self.dispatcher(*arguments)
        track = current_track.get()
        if track is not None:
            track.note(self.dispatcher, arguments)
        return result


class _KeptCode(NullCache):
    """What numba asks for the machine code of one loop. It has no way to fail.

    numba's own cache raises what it meets: a full disk, a file that was cut by a power failure.
    """

    def __init__(self, loop: Callable[..., Any]) -> None:
        self._loop = f"{loop.__module__}.{loop.__qualname__}"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for arguments of these types, or None."""
        # What the code may call. numba also loads all that it compiles with, at every start.
        rtsys.initialize(target_context)
        code = code_store().load(self._name(sig, target_context))
        try:
            if code is None:
                return None
            return _rebuilt(target_context, *pickle.loads(code))
        except Exception as error:
            code_store().tell(
                "loading", f"The machine code of {self._loop} does not load ({error!r})."
            )
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for arguments of these types."""
        if data.library.has_dynamic_globals:  # addresses that hold for this process alone
            return
        try:
            shared = data.library._get_module_for_linking()
            code = dumps((_names_alone(shared), *data._reduce()))  # type: ignore[no-untyped-call]
        except Exception as error:
            code_store().tell("saving", f"Machine code of {self._loop} cannot be kept ({error!r}).")
        else:
            code_store().save(self._name(sig, data.target_context), code)

    def _name(self, sig: Any, target_context: Any) -> str:
        """Name the file: for other types, or on another processor, the code is another."""
        special = repr((sig, target_context.codegen().magic_tuple()))
        return f"{self._loop}-{hashlib.sha256(special.encode()).hexdigest()[:16]}"


def _rebuilt(target_context: Any, names: bytes, library: Any, *rest: Any) -> Any:
    """Rebuild what was compiled, of a library that has been taken apart.

    To compile another loop that calls this one takes its module, too. In LLVM's form it is large,
    and hardly a start needs any: so it is read on demand.
    """
    title, kind, (machine_code, module) = library
    rebuild: Any = CompileResult._rebuild
    result = rebuild(target_context, (title, kind, (machine_code, names)), *rest)

    def read_module() -> Any:
        if result.library._shared_module is None:
            result.library._shared_module = binding.parse_bitcode(module)
        return result.library._shared_module

    result.library._shared_module = None
    result.library._get_module_for_linking = read_module
    return result


def _names_alone(module: Any) -> bytes:
    """Return a module that defines the same names and nothing else: by it numba knows them."""
    functions = (each.name for each in module.functions if not each.is_declaration)
    variables = (each.name for each in module.global_variables if not each.is_declaration)
    lines = [f'define void @"{name}"() {{ ret void }}' for name in functions]
    lines += [f'@"{name}" = global i8 0' for name in variables]
    code: bytes = binding.parse_assembly("\n".join(lines)).as_bitcode()
    return code
