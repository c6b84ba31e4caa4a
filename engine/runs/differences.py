"""What differs between runs, in words: settings, blocks, data, and rates that came later."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.array_types import format_shape
from engine.blocks import KnownBlock, UnknownBlock
from engine.data.names import listed_classes, listed_numbers
from engine.data.sources import name_of
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.runs.run_folder import Run, newest_first
from engine.struct_fields import Field, field_of, fields_of
from engine.text import words
from engine.training.samples import DataKey, data_key

MISSING = "–"
_MEASURES = ("%", "px", "°")  # units that the title of a setting does not say
_LISTED = 5  # classes
_DIGITS = 8  # of a fingerprint
_BlockRow = tuple[BlockSlot | None, ...]  # for each stack, the slot that it has there, if any


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


def run_changes(before: Run, run: Run) -> list[str]:
    """Say what differs between the projects of a run and of one before it, thing by thing."""
    projects = [before.description.project, run.description.project]
    return [each.sentence() for each in differences(projects)]


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
    stacks = [project.stack for project in projects]
    rows = _block_rows(stacks)
    names = _names(rows)
    yield from _of_order(stacks, rows, names)
    for name, row in zip(names, rows, strict=True):
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


def _block_rows(stacks: Sequence[Stack]) -> list[_BlockRow]:
    """Return a row for each slot id, which a block keeps when it is edited or moved."""
    order: list[int] = []
    for stack in stacks:
        place = 0
        for slot in stack:
            if slot.id not in order:
                order.insert(place, slot.id)
            place = order.index(slot.id) + 1
    by_id = [{slot.id: slot for slot in stack} for stack in stacks]
    return [tuple(slots.get(slot_id) for slots in by_id) for slot_id in order]


def _of_order(
    stacks: Sequence[Stack], rows: Sequence[_BlockRow], names: Sequence[str]
) -> Iterator[Difference]:
    """Give which of the blocks that all have stand in another order."""
    in_all = {row[0].id: name for name, row in zip(names, rows, strict=True) if row[0] and all(row)}
    orders = [[in_all[slot.id] for slot in stack if slot.id in in_all] for stack in stacks]
    moved = [place for place, found in enumerate(zip(*orders, strict=True)) if len(set(found)) > 1]
    if moved:
        texts = [", ".join(order[place] for place in moved) for order in orders]
        yield _setting("block_order", "Order of the blocks", texts, texts)


def _names(rows: Sequence[_BlockRow]) -> list[str]:
    """Name each row by the kind of its blocks, or their group if they have one; and by number."""
    kinds = []
    for row in rows:
        blocks = [slot.block for slot in row if slot is not None]
        same = all(block.kind == blocks[0].kind for block in blocks)
        groups = {block.group for block in blocks}
        kinds.append(blocks[0].name if same else groups.pop() if len(groups) == 1 else "Block")
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


def is_same_data(projects: Sequence[Project]) -> bool:
    """Return whether projects whose settings choose the same data, with any seed, had it unchanged.

    Where the seed also divides it into training and test images, each seed has a fingerprint of
    its own. What a run calls its data does not say whether that is so, but then no two are the
    same.
    """
    found = {(project.settings.seed, project.data_digest) for project in projects}
    digests, seeds = {digest for _, digest in found}, {seed for seed, _ in found}
    if len(digests) < 2:
        return True
    return "" not in digests and len(digests) == len(seeds) == len(found)


_MOST = 3


def rate_changes(run: Run) -> list[str]:
    """Return the rates that came after the first: `200 from epoch 41`; of many the last ones."""
    found, rate = list[str](), run.description.project.settings.learning_rate
    for each in run.metrics:
        if run.rate_of(each) != rate:
            rate = run.rate_of(each)
            found.append(f"{rate:g} from epoch {run.age(each.epoch):,}")
    return found if len(found) <= _MOST else ["…", *found[-_MOST + 1 :]]


def with_rate_changes(rate: str, run: Run) -> str:
    """Return the first rate with those that came after it: `0.1, then 200 from epoch 41`."""
    found = rate_changes(run)
    return f"{rate}, then {', '.join(found)}" if found else rate


def rate_sentence(run: Run) -> list[str]:
    """Return `learning rate 200 from epoch 41`, or nothing if it stayed as it was."""
    found = rate_changes(run)
    return [f"learning rate {', '.join(found)}"] if found else []


_ALWAYS = ("dataset", "classes", "loss", "optimizer", "learning_rate", "batch_size", "seed")


def settings_summary(project: Project) -> list[tuple[str, str]]:
    """Return titles and values of the settings that say most, or that are not the defaults."""
    default = Settings()
    return [
        (field.title, setting_text(field, project))
        for field in fields_of(Settings)
        if field.name in _ALWAYS
        or getattr(project.settings, field.name) != getattr(default, field.name)
    ]


_RATE = "learning_rate"


def run_differences(runs: Sequence[Run]) -> list[Difference]:
    """Return what `differences` does, and first how the learning rates of later epochs differ.

    A rate that was changed is told in words, also in the values.
    """
    found = differences([run.description.project for run in runs])
    field = field_of(Settings, _RATE)
    first = [setting_text(field, run.description.project) for run in runs]
    texts = [with_rate_changes(text, run) for text, run in zip(first, runs, strict=True)]
    if texts == first or len(set(texts)) == 1:
        return found
    values = [
        run.description.project.settings.learning_rate if text == told else told
        for run, text, told in zip(runs, first, texts, strict=True)
    ]
    others = (each for each in found if each.key != _RATE)
    return [_setting(_RATE, field.title, texts, values), *others]


_ABSENT = "a run that is not here"


def predecessors(runs: Sequence[Run]) -> list[Run | None]:
    """Return for each of some runs the one of them to say its differences from.

    That is its parent, and None if that is not among them. Without a parent it is the last one that
    began before it with the same data and classes; None if there is none.
    """
    in_order = newest_first(runs)[::-1]
    by_id = {run.id: run for run in in_order}
    last: dict[Hashable, Run] = {}
    found: dict[Run, Run | None] = {}
    for run in in_order:
        project = run.description.project
        data = name_of(project.settings.dataset), project.settings.classes, project.class_names
        found[run] = last.get(data) if run.parent is None else by_id.get(run.parent.run)
        last[data] = run
    return [found[run] for run in runs]


def continues(run: Run, parent: Run | None) -> str:
    """Return in words which run another continues, and from where; empty if it continues none."""
    if run.parent is None:
        return ""
    return f"continues {_ABSENT if parent is None else parent.short_title} from {run.begun}"
