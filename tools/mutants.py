"""Change the product at sampled places, one at a time, and name the changes that no test notices.

    .venv/bin/python tools/mutants.py FOLDER [--again OTHER_FOLDER]

FOLDER gets copies of the tree, `traces` (which lines each test runs) and `results.jsonl`; the same
command goes on where it was ended. `--again` takes the mutants of another folder, to compare two
states of the tests: what moved is found, what was deleted is counted as gone. Needs Python 3.12.

Each mutant is tried with the tests that run its line, in whatever thread or process: those of its
module first, then the others, cheap ones first, up to the first failure. It counts if the test
passes without the mutant. Left out: `engine/compute/native`, where each change compiles all loops
anew; scripts that run with PyTorch; texts, annotations, and what is logged.

PYTEST_DONT_REWRITE: this is a plugin of pytest, too.
"""

import argparse
import ast
import atexit
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter, time
from typing import Any

import pytest
from size import FUNCTIONS, ROOT, room_of

PRODUCT = "main.py", "engine/", "gui/"
UNCHANGED = "annotation", "returns", "decorator_list"
LEFT_OUT = "engine/compute/native/", "engine/exports/pytorch/scripts/"
MARKS = "not soak and not timing and not peers"
SWAPPED = {
    "comparison": "Lt GtE, Gt LtE, Eq NotEq, In NotIn, Is IsNot",
    "boundary": "Lt LtE, Gt GtE",
    "arithmetic": "Add Sub, Mult Div",
    "and/or": "And Or",
}
OUTCOMES = "killed", "survived", "not reached", "gone"
CLOCK = re.compile(r"time|seconds|has not ended|wait", re.IGNORECASE)  # a busy machine fails so
FIRST_SECONDS = 10.0  # of tests in the first of two runs
PATIENCE = 90.0  # seconds for a test, or ten times what it took
MEMORY = 12 << 30  # bytes
Row = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """A change of `old` to `new` in some bytes. The tests that matter run `lines`; 0 is any."""

    path: str
    line: int
    function: str  # qualified name
    text: str  # of the line
    operator: str
    old: str
    new: str
    span: tuple[int, int]
    lines: tuple[int, ...]
    nth: int = 0  # of those alike

    def places(self) -> list[tuple[str, ...]]:
        """Return what it is found by in another tree, the most exact first."""
        change, name = (self.operator, self.old, self.new), self.function.split(".")[-1]
        ways = [(self.path, self.function, self.text), (name, self.text), (self.path, name)]
        ways += [(self.text,)] * (len(self.text) > 20)  # a short one stands in many functions
        return [(*way, *change) for way in ways]


def changes(node: Any, returned: str) -> Iterator[tuple[Any, str, str]]:
    """Give which part of a node can be changed, how that is called, and the new text."""
    operator = node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)
    for kind, pairs in SWAPPED.items():
        for pair in pairs.split(", "):
            names, own = pair.split(), type(operator).__name__
            if own in names and not isinstance(node, ast.AugAssign):
                new = copy(node)
                new.op = getattr(ast, names[1 - names.index(own)])()
                new.ops = [new.op, *getattr(node, "ops", [])[1:]]
                yield node, kind, f"({ast.unparse(new)})"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        yield node, "constant", repr(other)
    condition = node.test if isinstance(node, ast.If | ast.While | ast.IfExp) else None
    if condition and not isinstance(condition, ast.Compare | ast.Constant):
        yield condition, "condition", f"(not ({ast.unparse(condition)}))"
    value = node.value if isinstance(node, ast.Return) else None
    if value and getattr(value, "value", True):  # else it is false already
        yield value, "return value", "0" if returned in ("int", "float") else "None"
    kept = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        kept = not re.match(r"_?log", ast.unparse(node))
    if kept or isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete):
        yield node, "statement deleted", "pass"


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return all mutants of a module."""
    text = source.encode().splitlines(keepends=True)
    starts: list[int] = [0]
    for line in text:
        starts.append(starts[-1] + len(line))
    alike: Counter[tuple[str, ...]] = Counter()

    def walk(node: ast.AST, scopes: list[Any], statement: Any) -> Iterator[Mutant]:
        if isinstance(node, ast.If) and re.search("TYPE_CHECKING|__name__", ast.unparse(node.test)):
            return
        statement = node if isinstance(node, ast.stmt) else statement
        functions: list[Any] = [scope for scope in scopes if isinstance(scope, FUNCTIONS)]
        returned = ast.unparse(functions[-1].returns or ast.Pass()) if functions else ""
        for part, operator, new in changes(node, returned):
            lines = range(1)  # run when the module is imported
            if functions:
                lines = range(statement.lineno, part.end_lineno + 1)
                body = range(functions[-1].body[0].lineno, functions[-1].end_lineno + 1)
                lines = lines if part.lineno in body else body  # else it is a default
            found = Mutant(
                path=path,
                line=part.lineno,
                function=".".join(scope.name for scope in scopes),
                text=text[part.lineno - 1].decode().strip(),
                operator=operator,
                old=ast.unparse(part),
                new=new,
                span=(
                    starts[part.lineno - 1] + part.col_offset,
                    starts[part.end_lineno - 1] + part.end_col_offset,
                ),
                lines=tuple(lines),
            )
            yield replace(found, nth=alike[found.places()[0]])
            alike[found.places()[0]] += 1
        if isinstance(node, ast.ClassDef | FUNCTIONS):
            scopes = [*scopes, node]
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and name not in UNCHANGED:
                    yield from walk(child, scopes, statement)

    return list(walk(ast.parse(source), [], None))


def sample(sources: dict[str, str], count: int, seed: int) -> list[Mutant]:
    """Take one mutant from each of so many equal parts of the product, of each operator alike."""
    paths = sorted(sources, key=lambda path: (room_of(path), path))
    mutants = [each for path in paths for each in mutants_of(path, sources[path])]
    chance, taken = random.Random(seed), []
    for number in range(count):
        kinds: dict[str, list[Mutant]] = defaultdict(list)
        ends = [len(mutants) * end // count for end in (number, number + 1)]
        for mutant in mutants[slice(*ends)]:
            kinds[mutant.operator.replace("boundary", "comparison")].append(mutant)
        taken.append(chance.choice(kinds[chance.choice(sorted(kinds))]))
    return taken


def find_again(old: list[Mutant], sources: dict[str, str]) -> list[Mutant | None]:
    """Find mutants in another tree; None where their code is gone."""
    there: dict[tuple[str, ...], list[Mutant | None]] = defaultdict(list)
    for mutant in (each for path, source in sources.items() for each in mutants_of(path, source)):
        for place in mutant.places():
            there[place].append(mutant)
    alike = [next((there[k] for k in mutant.places() if k in there), [None]) for mutant in old]
    return [each[min(mutant.nth, len(each) - 1)] for mutant, each in zip(old, alike, strict=True)]


class Tracer:
    """Writes down the lines that each test runs: a pytest plugin, also in what the tests start."""

    def __init__(self, root: str, folder: str) -> None:
        self._root, self._folder = root, folder
        self._context = ""  # a test, or a fixture that several tests share
        self._hits: dict[str, dict[str, set[int]]] = {}
        self._is_program = "PYTEST_CURRENT_TEST" in os.environ
        monitoring = self._monitoring = vars(sys)["monitoring"]  # of all threads, those of Qt too
        monitoring.use_tool_id(monitoring.PROFILER_ID, "mutants")
        monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.LINE, self._line)
        monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.LINE)
        atexit.register(monitoring.set_events, monitoring.PROFILER_ID, 0)
        os.register_at_fork(after_in_child=self._fork)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Write down what a test runs, how long that takes, and which fixtures it shares."""
        fixtures = [each[-1] for each in item._fixtureinfo.name2fixturedefs.values() if each]
        begun = perf_counter()
        self._enter(item.nodeid)
        result = yield
        seconds = perf_counter() - begun
        hits, self._hits = self._hits, {}
        self._write(test=item.nodeid, seconds=seconds, uses=[*filter(None, map(_name, fixtures))])
        for test, lines in hits.items():
            self._write(test=test, lines={path: sorted(lines[path]) for path in lines})
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Note what a fixture runs that several tests share for each of them."""
        outer = self._context
        self._enter(_name(fixturedef) or outer)
        try:
            return (yield)
        finally:
            self._enter(outer)

    def _enter(self, context: str) -> None:
        if context != self._context:
            self._context = context
            self._monitoring.restart_events()

    def _line(self, code: Any, number: int) -> Any:
        path = code.co_filename.removeprefix(self._root)
        if path.startswith(PRODUCT) and code.co_flags & 1:  # in a function
            if self._is_program:  # it may be killed at any time
                test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
                self._write(test=test, lines={path: [number]})
            else:
                lines = self._hits.setdefault(self._context, defaultdict(set))
                lines[path].add(number)
        return self._monitoring.DISABLE  # here, until the next restart

    def _fork(self) -> None:
        self._is_program = True
        self._monitoring.restart_events()

    def _write(self, **record: Any) -> None:
        with open(f"{self._folder}/{os.getpid()}.jsonl", "a") as file:
            file.write(json.dumps(record) + "\n")


def _name(fixture: Any) -> str:
    """Name a fixture if several tests share it."""
    return f"{fixture.baseid}::{fixture.argname}" if fixture.scope != "function" else ""


def pytest_runtest_logstart(nodeid: str) -> None:
    """Note that a test begins."""
    _note("begins", nodeid, "")


def pytest_runtest_logreport(report: Any) -> None:
    """Note that a test failed."""
    if report.failed:
        why = getattr(report.longrepr, "reprcrash", report.longrepr)
        _note("failed", report.nodeid, str(why)[:600])


pytest_collectreport = pytest_runtest_logreport


def _note(*words: str) -> None:
    with open(os.environ["MUTANTS_NOTES"], "a") as file:
        file.write(json.dumps(words) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Trace the tests, where that was begun."""
    for tracer in TRACERS:
        config.pluginmanager.register(tracer)


TRACERS: list[Tracer] = []  # of this process, if it is traced


class Tests:
    """Knows from traces which tests run a line, and how long each takes."""

    def __init__(self, traces: Path, mutants: list[Mutant]) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for mutant in mutants:
            wanted[mutant.path].update(mutant.lines)
        self.seconds: dict[str, float] = {}
        self._running: dict[tuple[str, int], set[str]] = defaultdict(set)
        users: dict[str, set[str]] = defaultdict(set)
        for record in (json.loads(line) for file in traces.glob("*.jsonl") for line in file.open()):
            if "seconds" in record:
                self.seconds[record["test"]] = record["seconds"]
            for fixture in record.get("uses", []):
                users[fixture].add(record["test"])
            for path, lines in record.get("lines", {}).items():
                for line in wanted[path].intersection([0, *lines]) if path in wanted else ():
                    self._running[path, line].add(record["test"])
        for tests in self._running.values():
            tests.update(*(users[test] for test in tests if test in users))
            tests.intersection_update(self.seconds)

    def reaching(self, mutant: Mutant, hint: str) -> list[str]:
        """Return the tests that run a line, else those beside its module's."""
        places = [(mutant.path, line) for line in mutant.lines]
        found = set[str]().union(*(self._running.get(place, ()) for place in places))
        folder, name = os.path.split(f"tests/{mutant.path}")
        mirror = f"{folder}/test_{name}::"
        for prefix in (mirror, f"{folder}/"):
            found = found or {test for test in self.seconds if test.startswith(prefix)}
        order = lambda test: (test != hint, not test.startswith(mirror), self.seconds[test])  # noqa: E731
        return sorted(found, key=order)

    def within(self, tests: list[str], seconds: float) -> list[str]:
        """Return the first tests, one at least, that together take no longer."""
        for number, test in enumerate(tests):
            seconds -= self.seconds[test]
            if seconds < 0 and number:
                return tests[:number]
        return tests


def run_pytest(tree: Path, arguments: list[str], patience: float, **more: str) -> int | None:
    """Run tests; return the exit code, or None if one was at work for longer than the patience."""
    (notes := tree / "mutants.notes").write_text("")
    python_path = [more.pop("PYTHONPATH", ""), str(Path(__file__).parent)]
    environment = {**os.environ, "CI": "1", "MUTANTS_NOTES": str(notes), **more}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(python_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "mutants"]
    with (
        (tree / "mutants.out").open("w") as out,
        subprocess.Popen(
            [*command, *arguments],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        while time() - notes.stat().st_mtime < patience:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
        code = process.poll()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and all that it has started
    return code


def first_failure(tree: Path, tests: list[str], seconds: dict[str, float]) -> list[str]:
    """Run tests up to the first that fails; return it with what it said, or nothing."""
    (names := tree / "mutants.tests").write_text("\n".join(tests))
    patience = max(PATIENCE, *(10 * seconds.get(test, 1) for test in tests))
    code = run_pytest(tree, ["-x", f"@{names}"], patience)
    if code == 4 and "::" in tests[0]:  # parameters, and so tests, have other names now
        return first_failure(tree, sorted({test.split("::")[0] for test in tests}), seconds)
    notes = [json.loads(line) for line in (tree / "mutants.notes").read_text().splitlines()]
    failed = [[test, why] for kind, test, why in notes if kind == "failed"]
    if code != 0 and not failed:  # it crashed, or was ended
        failed = [[notes[-1][1] if notes else tests[0], f"code {code}" if code else "time"]]
    return failed[0] if failed else []


def attempt(tree: Path, mutant: Mutant, tests: Tests, hint: str, seconds: float) -> Row:
    """Try a mutant; return the outcome, with the test that noticed it."""
    begun, file = perf_counter(), tree / mutant.path
    reaching = tests.reaching(mutant, hint)
    left = chosen = tests.within(reaching, seconds)
    row = {"outcome": "survived" if left else "not reached", "test": "", "why": ""}
    original, (first, last) = file.read_bytes(), mutant.span
    stamp = file.stat().st_mtime
    while left and row["outcome"] != "killed":
        batch = [hint] if left[0] == hint else left
        batch = tests.within(batch, FIRST_SECONDS) if left is chosen else batch
        try:
            file.write_bytes(original[:first] + mutant.new.encode() + original[last:])
            os.utime(file, (stamp + 2, stamp + 2))  # bytecode is told by seconds and size
            failure = first_failure(tree, batch, tests.seconds)
            alone = [test for test in batch if failure and test.startswith(failure[0])][:1]
            alone = alone or batch[:1]
            if failure and CLOCK.search(failure[1]):
                failure = first_failure(tree, alone, tests.seconds)
        finally:
            file.write_bytes(original)
            os.utime(file, (stamp, stamp))
        left = left[left.index(alone[0]) + 1 if failure else len(batch) :]
        if failure and first_failure(tree, alone, tests.seconds):
            row["why"] = f"{alone[0]} fails without it, too"
        elif failure:
            row = {"outcome": "killed", "test": alone[0], "why": failure[1][:300]}
    spent = round(perf_counter() - begun, 1)
    return {**row, "reaching": len(reaching), "tried": len(chosen), "seconds": spent}


def checkout(tree: Path, commit: str) -> Path:
    """Make a copy of the tree at a commit, or clean one in which a run was ended."""
    if not tree.exists():
        subprocess.run(["git", "clone", "-q", "--shared", "-n", ROOT, tree], check=True)
        (tree / ".venv").symlink_to(ROOT / ".venv")
    subprocess.run(["git", "checkout", "-q", "--force", "--detach", commit], cwd=tree, check=True)
    return tree


def trace(tree: Path, traces: Path, processes: int) -> None:
    """Run all tests, and keep which lines each runs."""
    shutil.rmtree(traces, ignore_errors=True)
    traces.mkdir()
    begin = (
        f"import mutants; mutants.TRACERS.append(mutants.Tracer({f'{tree}/'!r}, {str(traces)!r}))"
    )
    (traces / "sitecustomize.py").write_text(begin)
    arguments = ["-m", MARKS, "-n", str(processes), "--dist", "worksteal"]
    if run_pytest(tree, arguments, 1e9, PYTHONPATH=str(traces)) not in (0, 1):
        sys.exit(f"The tests do not run: {tree / 'mutants.out'}")
    (traces / "complete").touch()


def report(rows: list[Row]) -> None:
    """Print the mutants that no test noticed, and a table by room."""
    for row in sorted(rows, key=lambda row: (row["path"], row["line"])):
        if row["outcome"] in ("survived", "not reached"):
            lost = ", was killed" if row["was"] == "killed" else ""
            print(f"{row['path']}:{row['line']} {row['function']}: {row['outcome']}{lost}")
            print(f"    {row['operator']}, {row['tried']} of {row['reaching']} tests")
            print(f"  - {row['old']}\n  + {row['new']}\n{row['why']}".rstrip())
    counts = Counter(
        (room, row["outcome"]) for row in rows for room in (room_of(row["path"]), "all")
    )
    print(f"{'':24}{'mutants':>12}", *(f"{outcome:>12}" for outcome in OUTCOMES), sep="")
    for room in sorted({room for room, _ in counts}):
        numbers = [counts[room, outcome] for outcome in OUTCOMES]
        print(f"{room:24}", *(f"{n or '':>12}" for n in [sum(numbers), *numbers]), sep="")


def main() -> int:
    """Try what was not yet tried, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--again", type=Path, help="a folder whose mutants are taken")
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=120.0, help="of tests for each mutant")
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # of all that is started
    copies = [checkout(folder / f"tree{n}", options.commit) for n in range(options.processes)]
    tree = copies[0]
    files = {str(file.relative_to(tree)): file for file in tree.rglob("*.py")}
    sources = {
        path: files[path].read_text("utf-8")
        for path in sorted(files)
        if path.startswith(PRODUCT) and not path.startswith(LEFT_OUT)
    }
    before = _rows(options.again) if options.again else []
    before.sort(key=lambda row: row["outcome"] != "killed")
    old = [Mutant(**{name: row[name] for name in Mutant.__dataclass_fields__}) for row in before]
    mutants = find_again(old, sources) or sample(sources, options.count, options.seed)
    if not (folder / "traces" / "complete").exists():
        trace(tree, folder / "traces", options.processes)
    tests = Tests(folder / "traces", [mutant for mutant in mutants if mutant])
    done = {row["number"] for row in _rows(folder)}

    left = [number for number in range(len(mutants)) if number not in done]

    def try_some(copy: int) -> None:
        for number in left[copy :: len(copies)]:
            mutant, was = mutants[number], before[number] if before else {}
            row = {**was, "outcome": "gone", "number": number, "was": was.get("outcome", "")}
            if mutant:
                hint = was.get("test", "")
                row |= asdict(mutant)
                row |= attempt(copies[copy], mutant, tests, hint, options.seconds)
            with (folder / "results.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{row['path']}:{row['line']} {row['outcome']} {row['was']}", flush=True)

    with ThreadPoolExecutor() as pool:
        list(pool.map(try_some, range(len(copies))))
    report(_rows(folder))
    return 0


def _rows(folder: Path) -> list[Row]:
    file = folder / "results.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


if __name__ == "__main__":
    sys.exit(main())
