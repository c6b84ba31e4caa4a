"""The text of `model.py` of an exported folder: read as Python's own parser sees it, and run."""

import ast
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


def listed_parts(text: str) -> list[ast.expr]:
    """Return the lines of the list that `build_model` makes the model of.

    Raises ValueError or what the parser raises if the text has another form.
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    build = next((node for node in functions if node.name == "build_model"), None)
    if build is None:
        raise ValueError("it has no build_model")
    lists = [node for node in ast.walk(build) if isinstance(node, ast.List)]
    if not lists:
        raise ValueError("its build_model lists nothing")
    return lists[0].elts


def run_module(folder: Path) -> ModuleType:
    """Run `model.py` itself, which is for a process of its own; return what it defines."""
    spec = spec_from_file_location("exported_model", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
