"""What an ONNX file that was exported here tells besides its nodes: classes, titles, epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.files.untrusted_read import DamagedError
from engine.files.weights_metadata import Metadata, read_notes
from engine.model.project import Project


def with_notes(project: Project, metadata: Mapping[str, str]) -> Project:
    """Copy a project with what the metadata of a file tells, as far as it goes with the network."""
    try:
        told = read_notes(metadata)
    except DamagedError:  # another program may use the same names
        return project
    if told is None:
        return project
    named = _with_classes(project, told.classes)
    return replace(_with_titles(named, told), trained_epochs=told.epochs)


def _with_classes(project: Project, names: Sequence[str]) -> Project:
    """Take names of classes; classes that are called by their numbers are these."""
    if len(names) != len(project.settings.classes):
        return project
    if all(name.isascii() and name.isdecimal() and len(name) < 7 for name in names):
        numbers = tuple(int(name) for name in names)
        if list(numbers) == sorted(set(numbers)):
            settings = project.settings.with_changes(classes=numbers)
            return replace(project, settings=settings)
    return replace(project, class_names=tuple(names))


def _with_titles(project: Project, told: Metadata) -> Project:
    """Take the titles of blocks, if the blocks are those that the file tells of."""
    stack = project.stack
    kinds = [slot.block.kind for slot in stack]
    if kinds != [note.block.get("kind") for note in told.stack]:
        return project
    slots = zip(stack, told.stack, strict=True)
    titled = tuple(replace(slot, title=note.title) for slot, note in slots)
    return replace(project, stack=replace(stack, slots=titled))
