"""What `run.json` says of a run: a network, how it is trained, with which data, and how it ended.

Other programs write it too, so fields that are not known are passed over.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.blocks import Conv, Dense
from engine.data.sources import BUNDLED, name_of
from engine.files.network_form import (
    ClassNames,
    Count,
    Digest,
    ImageShape,
    ScalingForm,
    Share,
    SlotForm,
    read_scaling,
    read_settings,
    read_slots,
    write_scaling,
    write_settings,
    write_slots,
)
from engine.files.untrusted_read import DamagedError
from engine.inputs.scaling import Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.stack import Stack
from engine.text.letters import one_line

NUMERICS = "numerics"  # among the versions: the twin that trained, on which the bits depend
LONGEST_TEXT = 10_000  # letters
_Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Bookmarks = Annotated[tuple[Count, ...], Meta(max_length=10_000)]


class StackForm(msgspec.Struct):
    """The blocks, and the shape of the images that go in."""

    input_shape: ImageShape
    slots: list[SlotForm]


class DataForm(msgspec.Struct):
    """The data: its name without folders, its fingerprint, its classes and the scaling."""

    name: _Text = ""
    digest: Digest = ""
    classes: ClassNames = ()
    scaling: ScalingForm | None = None


class ParentForm(msgspec.Struct, frozen=True):
    """The run, and the epoch of it, from which another went on."""

    run: _Text
    epoch: Count


class RunForm(msgspec.Struct, kw_only=True):
    """A run. Its epochs count on from `epochs_before`, those that the network was trained for;
    `part_before` is the share of one more that it was trained for besides.

    `state` is training, stopped, failed or finished; a program that was killed leaves it at
    training. `reason` says in a sentence why it ended before its goal. `started` is the time, in
    ISO 8601. `number` counts the runs of a machine. `project` is the name of the project's file,
    without folder and ending, `group` that of the series of runs that it is one of. Name, note, and
    what follows up to the state, are chosen by the user.
    """

    name: _Text = ""
    note: _Text = ""
    pinned: bool = False
    bookmarks: Bookmarks = ()
    state: _Text = ""
    reason: _Text = ""
    started: _Text = ""
    number: Count = 0
    project: _Text = ""
    group: _Text = ""
    seed: Count = 0
    epochs_before: Count = 0
    part_before: Share = 0.0
    parent: ParentForm | None = None
    versions: dict[str, _Text] = {}
    data: DataForm
    settings: dict[str, Any]
    stack: StackForm


@dataclass(frozen=True, eq=False)
class RunDescription:
    """A run in words and numbers; the project is that of its start, without its weights."""

    project: Project
    name: str
    note: str
    state: str
    versions: dict[str, str]
    parent: CheckpointRef | None = None
    pinned: bool = False
    bookmarks: tuple[int, ...] = ()
    reason: str = ""
    started: datetime | None = None
    file_name: str = ""
    group: str = ""
    data_name: str = ""
    data_digest: str = ""
    number: int = 0

    @property
    def title(self) -> str:
        """What the run is called: its name, or else number, project or network, learning rate.

        Other programs may have given it a name of several lines; here it has one.
        """
        if name := one_line(self.name):
            return name
        numbered = f"Run {self.number:,} · " if self.number else ""
        network = self.file_name or self._network()
        return f"{numbered}{network} · lr {self.project.settings.learning_rate:g}"

    @property
    def short_title(self) -> str:
        """Its name, or else its number; its title where it has neither."""
        if one_line(self.name) or not self.number:
            return self.title
        return f"Run {self.number:,}"

    def _network(self) -> str:
        """Name the network by the largest blocks of its stack, such as `Conv 5, Dense 100`."""
        labels = [
            slot.label.partition(",")[0]
            for slot in self.project.stack
            if isinstance(slot.block, Conv | Dense)
        ]
        return ", ".join(labels[:-1][:3] or labels) or "no blocks"


def describe_start(
    project: Project, class_names: tuple[str, ...], scaling: Scaling, digest: str, version: str
) -> RunForm:
    """Return what can be said, to anybody, of a run before it begins.

    Folders on the way to the data are nobody's business, and own drawings are not carried along.
    """
    name = name_of(project.settings.dataset)
    settings = msgspec.structs.replace(project.settings, dataset=name, drawings=())
    shared = replace(project, settings=settings)
    return describe_own_start(shared, class_names, scaling, digest, {"layerscope": version})


def describe_own_start(
    project: Project,
    class_names: tuple[str, ...],
    scaling: Scaling,
    digest: str,
    versions: dict[str, str],
) -> RunForm:
    """Return what can be said of a run of this machine before it begins.

    The pixels of own drawings have their place in a file beside it.
    """
    settings = project.settings
    return RunForm(
        seed=settings.seed,
        epochs_before=project.trained_epochs,
        part_before=project.trained_part,
        versions=versions,
        data=DataForm(name_of(settings.dataset), digest, class_names, write_scaling(scaling)),
        settings=write_settings(settings),
        stack=StackForm(
            project.stack.input_shape,  # type: ignore[arg-type]  # checked on reading back
            write_slots(project.stack),
        ),
    )


def read_description(content: bytes, pixels: bytes | None = None) -> RunDescription:
    """Make the description of the content of a `run.json`, and of the pixels of own drawings.

    Raises DamagedError, ProjectError or what msgspec raises.
    """
    form = msgspec.json.decode(content, type=RunForm)
    settings = read_settings(form.settings, pixels)
    names = form.data.classes
    if names and len(names) != len(settings.classes):
        raise DamagedError("it names another number of classes than it has")
    numbered = names == tuple(str(number) for number in settings.classes)
    project = Project(
        Stack(read_slots(form.stack.slots), form.stack.input_shape),
        settings,
        {},
        form.epochs_before,
        scaling=read_scaling(form.data.scaling),
        data_digest="" if settings.dataset in BUNDLED else form.data.digest,
        class_names=() if numbered else names,
        trained_part=form.part_before,
    )
    parent = form.parent
    return RunDescription(
        project,
        form.name,
        form.note,
        form.state,
        form.versions,
        None if parent is None else CheckpointRef(parent.run, parent.epoch),
        form.pinned,
        form.bookmarks,
        form.reason,
        _time(form.started),
        form.project,
        form.group,
        form.data.name,
        form.data.digest,
        form.number,
    )


def _time(text: str) -> datetime | None:
    """Return the time that a text says, in this machine's zone; None if it says none."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def after(description: RunDescription, epoch: int) -> Project:
    """Return the project of a run after some epochs, without its weights."""
    project = description.project
    part = 0.0 if epoch else project.trained_part
    return replace(project, trained_epochs=project.trained_epochs + epoch, trained_part=part)
