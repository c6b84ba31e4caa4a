"""The text of `model.py` of an exported folder, read without running it, and run by itself.

It is read as Python's own parser sees it: the parts that `build_model` lists or calls, their sizes
and options as numbers. So what is proved, in plain numpy, is the text itself.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.blocks import KINDS
from engine.proof import plain_numpy

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class ModelPart:
    """A module or layer as the text has it: its name, its class, and what this is called with.

    `takes` names the parts whose outputs it takes, "" being the images. To what it makes of the
    first the others are added.
    """

    name: str
    kind: str
    numbers: tuple[Any, ...]
    options: Mapping[str, Any]
    takes: tuple[str, ...]


Forward = Callable[[Array, ModelPart, Arrays], Array]

# What modules of PyTorch and layers of Keras with these names do alike.
SHARED: dict[str, Forward] = {
    "Flatten": lambda x, _part, _arrays: x.reshape(len(x), -1),
    "Reshape": lambda x, part, _: x.reshape(len(x), *part.numbers[0]),
    "Softmax": lambda x, _part, _arrays: plain_numpy.softmax(x),
    "Dropout": lambda x, _part, _arrays: x,  # leaves values out in training only
    "Add": lambda x, _part, _arrays: x,
}
_KINDS = {block.name: kind for kind, block in KINDS.items()}


def read_parts(text: str) -> list[ModelPart]:
    """Return the parts that `build_model` lists, or calls line by line.

    Raises ValueError or what the parser raises if the text has another form.
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    build = next((node for node in functions if node.name == "build_model"), None)
    parts: list[ModelPart] = []
    variables: dict[str, str] = {}  # the name of the part whose output each holds
    for line in [] if build is None else build.body:
        match line:
            case ast.Return(ast.Call(args=[ast.Call(args=[ast.List(pairs)])])):  # of PyTorch
                for pair in pairs:
                    parts.append(_read_pair(pair, parts[-1].name if parts else ""))
            case ast.Assign(targets, ast.Call(func=ast.Call() as made, args=[taken])):  # of Keras
                given = taken.elts if isinstance(taken, ast.List) else [taken]
                parts.append(_read(made, [variables[ast.unparse(each)] for each in given]))
                variables |= {ast.unparse(each): parts[-1].name for each in targets}
            case ast.Assign(targets):
                variables |= {ast.unparse(each): "" for each in targets}  # the images
    if not parts:
        raise ValueError("it has no build_model that makes something")
    return parts


def _read_pair(pair: ast.expr, before: str) -> ModelPart:
    match pair:
        case ast.Tuple([ast.Constant(str() as name), ast.Call() as call]):
            part = _read(call, [before], name)
            source = part.options.get("source")
            return part if source is None else replace(part, takes=(source, before))
    raise ValueError("a line of build_model makes no part of a model")


def _read(call: ast.Call, takes: Sequence[str], name: str = "") -> ModelPart:
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    options = {each.arg or "": _number(each.value) for each in call.keywords}
    numbers = tuple(map(_number, call.args))
    return ModelPart(name or options["name"], kind, numbers, options, tuple(takes))


def _number(node: ast.expr) -> Any:
    """Return what is written: a literal, or a tuple of these, of which some are squared."""
    if isinstance(node, ast.Tuple):
        return tuple(map(_number, node.elts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _number(node.left) ** 2
    return ast.literal_eval(node)


def run(
    parts: Sequence[ModelPart], kinds: Mapping[str, Forward], arrays: Arrays, images: Array
) -> dict[str, Array]:
    """Return the outputs of each part by its name, for images of values from 0 to 1.

    `kinds` says what a class does to values (n, ...), with its arrays. One that is not there is
    called as a block is that applies a function to every value, with the options of that.
    """
    found: dict[str, Array] = {"": images.astype(np.float64)}
    for part in parts:
        own = plain_numpy.arrays_of(f"{part.name}.", arrays)
        first, *added = (found[name] for name in part.takes)
        found[part.name] = sum(added, kinds.get(part.kind, _pointwise)(first, part, own))
    return found


def _pointwise(values: Array, part: ModelPart, _arrays: Arrays) -> Array:
    kind = _KINDS[part.kind]
    options = zip(KINDS[kind].__struct_fields__, part.numbers, strict=True)
    return plain_numpy.pointwise(kind, values, dict(options))


def run_module(folder: Path) -> ModuleType:
    """Run `model.py` itself, which is for a process of its own; return what it defines."""
    spec = spec_from_file_location("exported_model", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
