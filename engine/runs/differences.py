"""What differs between runs: the settings and blocks of their projects, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.array_types import format_shape
from engine.blocks import KnownBlock, UnknownBlock
from engine.data.names import listed_classes, listed_numbers
from engine.data.sources import name_of
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot
from engine.runs.block_rows import BlockRow, block_rows
from engine.runs.same_data import is_same_data
from engine.struct_fields import Field, fields_of
from engine.text import words
from engine.training.samples import DataKey, data_key

MISSING = "–"
_MEASURES = ("%", "px", "°")  # units that the title of a setting does not say
_LISTED = 5  # classes
_DIGITS = 8  # of a fingerprint


@dataclass(frozen=True)
class Difference:
    """A setting, a block or an option of one in which projects differ.

    `title` is for a table ("Learning rate", "Conv 2 depth"), `phrase` for a sentence, `key` for
    programs. `texts` has the value of each project in words, a dash where there is none; `values`
    has it for JSON.
    """

    key: str
    title: str
    phrase: str
    texts: tuple[str, ...]
    values: tuple[Any, ...]

    def sentence(self) -> str:
        """Say how the last project differs from the first: `learning rate 0.1 → 0.3`."""
        before, after = self.texts[0], self.texts[-1]
        if MISSING in (before, after):
            return f"{after} added" if before == MISSING else f"{before} removed"
        return f"{self.phrase} {before} → {after}".lstrip()


def differences(projects: Sequence[Project]) -> list[Difference]:
    """Return the settings, then the blocks, in which some projects differ; none of a single one.

    Titles of blocks are no difference; what is locked is one.
    """
    return [*_of_settings(projects), *_of_data(projects), *_of_blocks(projects)]


def changes(before: Project, after: Project) -> list[str]:
    """Say what differs between two projects, such as a run and its parent, thing by thing."""
    return [each.sentence() for each in differences([before, after])]


def _of_settings(projects: Sequence[Project]) -> Iterator[Difference]:
    for field in fields_of(Settings):
        values = [getattr(project.settings, field.name) for project in projects]
        if field.name == "dataset":
            yield from _of_dataset(field, projects, values)
        elif len(set(values)) > 1:
            texts = [setting_text(field, project) for project in projects]
            yield _setting(field.name, field.title, texts, values)
    drawings = [project.settings.drawings for project in projects]
    if len(set(drawings)) > 1:
        counts = [len(each) for each in drawings]
        texts = [f"{count:,}" if count else "none" for count in counts]
        yield _setting("drawings", "Own drawings", texts, counts)


def _of_dataset(
    field: Field, projects: Sequence[Project], values: Sequence[str]
) -> Iterator[Difference]:
    """Give where the data is, unless it is the same, by its fingerprint, in several places.

    Data of the same name in several folders is told apart by them.
    """
    first: dict[str, str] = {}  # the place in which each data is met first
    places = [
        first.setdefault(project.data_digest, value) if project.data_digest else value
        for project, value in zip(projects, values, strict=True)
    ]
    if len(set(places)) == 1:
        return
    texts = [_dataset_text(field, place) for place in places]
    ambiguous = Counter(text for text, _ in set(zip(texts, places, strict=True)))
    told = [
        place if ambiguous[text] > 1 else text for text, place in zip(texts, places, strict=True)
    ]
    yield _setting(field.name, field.title, told, values)


def _dataset_text(field: Field, data: str) -> str:
    return field.suggestions.get(data, name_of(data))


def _of_data(projects: Sequence[Project]) -> Iterator[Difference]:
    """Give what differs in the images that go in, beside the settings that choose them."""
    digests = [project.data_digest for project in projects]
    if len(set(digests) - {""}) > 1 and _has_changed(projects):
        texts = [digest[:_DIGITS] or "not known" for digest in digests]
        yield _setting("data_digest", "Content of the data", texts, digests)
    shapes = [project.stack.input_shape for project in projects]
    if len(set(shapes)) > 1:
        yield _setting("input_shape", "Shape of the images", map(format_shape, shapes), shapes)


def _has_changed(projects: Sequence[Project]) -> bool:
    """Return whether what the same settings choose was not the same."""
    found: dict[DataKey, list[Project]] = {}
    for project in projects:
        if project.data_digest:
            key = data_key(project.settings)._replace(seed=0)  # it may divide the data
            found.setdefault(key, []).append(project)
    return not all(map(is_same_data, found.values()))


def _of_blocks(projects: Sequence[Project]) -> Iterator[Difference]:
    rows = block_rows([project.stack for project in projects])
    for name, row in zip(_names(rows), rows, strict=True):
        slots = [slot for slot in row if slot is not None]
        blocks = [slot.block for slot in slots]
        alike = len(slots) == len(row) and len({block.kind for block in blocks}) == 1
        if alike and not isinstance(blocks[0], UnknownBlock):
            yield from _of_options(name, blocks)
        elif not alike or any(block != blocks[0] for block in blocks):
            texts = [MISSING if slot is None else slot.block.summary() for slot in row]
            values = [None if slot is None else slot.block.summary() for slot in row]
            yield Difference(name, name, "", tuple(texts), tuple(values))
        locks = [_lock_text(slot) for slot in slots]
        if len(slots) == len(row) and len(set(locks)) > 1:
            yield Difference(f"{name} lock", f"{name} lock", name, tuple(locks), tuple(locks))


def _names(rows: Sequence[BlockRow]) -> list[str]:
    """Name each row by the kind of its blocks, or their group, and by number if there are more."""
    kinds = []
    for row in rows:
        blocks = [slot.block for slot in row if slot is not None]
        same = all(block.kind == blocks[0].kind for block in blocks)
        kinds.append(blocks[0].name if same else blocks[0].group)
    counts, seen = Counter(kinds), Counter[str]()
    names = []
    for kind in kinds:
        seen[kind] += 1
        names.append(f"{kind} {seen[kind]}" if counts[kind] > 1 else kind)
    return names


def _of_options(name: str, blocks: Sequence[KnownBlock | UnknownBlock]) -> Iterator[Difference]:
    for field in fields_of(type(blocks[0])):
        values = tuple(getattr(block, field.name) for block in blocks)
        if len(set(values)) == 1:
            continue
        title = f"{name} {field.title.lower()}"
        if field.kind == "ints":  # a shape, which the summary has in words
            texts = tuple(block.summary() for block in blocks)
            yield Difference(title, title, "", texts, values)
        else:
            texts = tuple(_value_text(field, value) for value in values)
            yield Difference(title, title, title, texts, values)


def _lock_text(slot: BlockSlot) -> str:
    if slot.locked:
        return "locked"
    kernels = len(slot.locked_kernels)
    return f"{words.count(kernels, 'kernel')} locked" if kernels else "not locked"


def setting_text(field: Field, project: Project) -> str:
    """Write the value of a setting, with its unit if the title does not say it."""
    value = getattr(project.settings, field.name)
    if field.name == "dataset":
        return _dataset_text(field, value)
    if field.name == "classes" and project.class_names:
        return listed_classes(project.class_names, _LISTED)
    return listed_numbers(value, _LISTED) if field.name == "classes" else _value_text(field, value)


def _value_text(field: Field, value: Any) -> str:
    text = field.in_words(value)
    measured = field.unit in _MEASURES and text != field.zero
    return f"{text} {field.unit}" if measured else text


def _setting(key: str, title: str, texts: Iterable[str], values: Iterable[Any]) -> Difference:
    return Difference(key, title, title.lower(), tuple(texts), tuple(values))
