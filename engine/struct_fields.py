"""The fields that a frozen struct declares: the one source of forms, limits and messages.

Blocks and settings are `msgspec.Struct`s whose fields carry what `meta` declares of them.
msgspec validates when it converts; this module puts its refusals into words and lists the fields
for whoever makes a form of them.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import inspect

from engine.errors import SettingsError

S = TypeVar("S")
FieldKind = Literal["int", "float", "bool", "choice", "block", "ints", "text", "structs"]


@dataclass(frozen=True)
class Field:
    """One field that a user may set: its words, its limits and its default.

    `scale` is "log" where steps multiply. A tuple of whole numbers has the kind "ints" and the
    limits of its items; `shortest` and `longest` limit how many there are, or the characters of a
    text. A tuple of structs has the kind "structs", for which there is no input. `labels` gives the
    words for each choice, `suggestions` those for values that a text
    often has, `zero` the word for a 0 that stands for something else. A whole number that
    `identifies`, as a seed does, counts nothing. A "block" is the id of a slot, or 0 for none.
    """

    name: str
    title: str
    kind: FieldKind
    default: Any
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    suggestions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    zero: str = ""
    identifies: bool = False
    shortest: int | None = None
    longest: int | None = None

    def expectation(self) -> str:
        """Say which values the field takes, to follow "must be"."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind == "text":
            return f"a text of {self.shortest or 0} to {self.longest or 'any number of'} characters"
        nouns = {"int": "a whole number", "float": "a number", "ints": "whole numbers"}
        noun = nouns.get(self.kind, "the id of an earlier block")
        if self.kind == "ints" and self.shortest and self.longest:
            noun = f"{self.shortest} to {self.longest} {noun}"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {_plain(self.minimum)} to {_plain(self.maximum)}"
        return noun if self.minimum is None else f"{noun}, at least {_plain(self.minimum)}"

    def in_words(self, value: Any) -> str:
        """Write a value as people read it, without its unit: `on`, `Adam`, `all`, `0.03`."""
        if self.kind == "bool":
            return "on" if value else "off"
        if self.zero and not value:
            return self.zero
        if self.kind == "ints":
            return ", ".join(map(str, value))
        if self.kind == "int":
            return str(value) if self.identifies else f"{value:,}"  # 2,000 epochs, but seed 2000
        if self.kind == "float":
            return f"{value:,.6g}"
        return self.labels.get(value, self.suggestions.get(value, str(value)))


def meta(
    help_text: str,
    limits: tuple[float | None, float | None] = (None, None),
    title: str | None = None,
    **extra: object,
) -> msgspec.Meta:
    """Declare a field's help, limits, title if that is not its name, and more that `Field` has."""
    least, most = limits
    return msgspec.Meta(title=title, description=help_text, ge=least, le=most, extra=extra)


@cache
def fields_of(struct: type) -> tuple[Field, ...]:
    """List the fields that a struct declares and that a form can show, in order."""
    return tuple(field for field in _declared(struct) if field.kind != "structs")


def field_of(struct: type, name: str) -> Field:
    """Look one declared field up by its name."""
    return next(field for field in _declared(struct) if field.name == name)


def convert(struct: type[S], raw: object, subject: str) -> S:
    """Make a struct of plain JSON values, checked against its declaration.

    Raises SettingsError, beginning with `subject`, naming the field, its limits and what came.
    """
    try:
        return msgspec.convert(raw, struct)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{subject}: {_in_words(struct, raw, str(error))}") from None


def change(value: S, subject: str, **changes: object) -> S:
    """Make a copy of a struct with some fields changed, checked against its declaration.

    Raises SettingsError as `convert` does.
    """
    raw = msgspec.to_builtins(value)
    plain = {name: msgspec.to_builtins(new) for name, new in changes.items()}
    return convert(type(value), {**raw, **plain}, subject)


def is_unicode(text: str) -> bool:
    """Return whether a text can be encoded; one with a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _declared(struct: type) -> tuple[Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return tuple(_field(declared) for declared in info.fields)


def _field(declared: inspect.Field) -> Field:
    title = declared.encode_name.replace("_", " ").capitalize()
    words: dict[str, Any] = {}
    node: Any = declared.type
    if isinstance(node, inspect.Metadata):
        schema = node.extra_json_schema or {}
        title, words["help"] = schema.get("title", title), schema.get("description", "")
        words |= node.extra or {}
        node = node.type
    limits = _range(node)
    if words.get("labels"):  # msgspec sorts the choices; people want the declared order
        limits["choices"] = tuple(words["labels"])
    return Field(name=declared.name, title=title, default=declared.default, **(limits | words))


def _range(node: Any) -> dict[str, Any]:
    if isinstance(node, inspect.IntType | inspect.FloatType):
        kind = "int" if isinstance(node, inspect.IntType) else "float"
        return {"kind": kind, "minimum": node.ge, "maximum": node.le}
    if isinstance(node, inspect.BoolType):
        return {"kind": "bool"}
    if isinstance(node, inspect.LiteralType):
        return {"kind": "choice", "choices": tuple(node.values)}
    if isinstance(node, inspect.StrType):
        return {"kind": "text", "shortest": node.min_length, "longest": node.max_length}
    if isinstance(node, inspect.VarTupleType):
        item = node.item_type
        while isinstance(item, inspect.Metadata):
            item = item.type
        if isinstance(item, inspect.StructType):
            return {"kind": "structs"}
        lengths = {"shortest": node.min_length, "longest": node.max_length}
        return {**_range(item), **lengths, "kind": "ints"}
    raise TypeError(f"no form is known for a field of the type {node!r}")


def _in_words(struct: type, raw: object, refusal: str) -> str:
    """Turn msgspec's refusal (`Expected ... - at `$.kernel_size``) into a sentence for people."""
    path = refusal.rpartition("$.")[2].rstrip("`") if "$." in refusal else ""
    name = path.split("[")[0]
    field = next((field for field in fields_of(struct) if field.name == name), None)
    if field is None or not isinstance(raw, dict) or name not in raw:
        return refusal.split(" - at ")[0].replace("`", "").rstrip(".") + "."
    if not refusal.startswith(("Expected", "Invalid")):  # __post_init__ speaks in words already
        return refusal.split(" - at ")[0]
    if _too_few(field, raw[name]):
        return f"choose at least {field.shortest} {field.title.lower()}."
    return f"{field.title.lower()} must be {field.expectation()}, not {_short(raw[name])}."


def _too_few(field: Field, value: object) -> bool:
    """Return whether a list of whole numbers is only shorter than it may be."""
    if field.kind != "ints" or not isinstance(value, list | tuple):
        return False
    least = field.shortest or 0
    return least > 1 and len(value) < least and all(type(one) is int for one in value)


def _short(value: object) -> str:
    if isinstance(value, list | tuple):
        text = ", ".join(str(item) for item in value) or "none"
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(limit: float) -> str:
    return f"{limit:g}" if limit < 1e6 else f"{int(limit):,}"
