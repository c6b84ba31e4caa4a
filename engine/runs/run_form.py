"""What `run.json` says of a run: a network, how it is trained, with which data, and how it ended.

Other programs write it too, so fields that are not known are passed over.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.data.sources import BUNDLED, name_of
from engine.files.network_form import (
    ClassNames,
    Count,
    Digest,
    ImageShape,
    ScalingForm,
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
from engine.model.project import Project
from engine.model.stack import Stack

_Text = Annotated[str, Meta(max_length=10_000)]


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
    """A run. Its epochs count on from `epochs_before`, those that the network was trained for.

    `state` is training, stopped, failed or finished; a program that was killed leaves it at
    training.
    """

    name: _Text = ""
    note: _Text = ""
    state: _Text = ""
    seed: Count = 0
    epochs_before: Count = 0
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
    parent: ParentForm | None = None


def describe_start(
    project: Project, class_names: tuple[str, ...], scaling: Scaling, digest: str, version: str
) -> RunForm:
    """Return what can be said of a run before it begins.

    Folders on the way to the data are nobody's business, and own drawings are not carried along.
    """
    name = name_of(project.settings.dataset)
    settings = msgspec.structs.replace(project.settings, dataset=name, drawings=())
    return RunForm(
        seed=settings.seed,
        epochs_before=project.trained_epochs,
        versions={"layerscope": version},
        data=DataForm(name, digest, class_names, write_scaling(scaling)),
        settings=write_settings(settings),
        stack=StackForm(
            project.stack.input_shape,  # type: ignore[arg-type]  # checked on reading back
            write_slots(project.stack),
        ),
    )


def read_description(content: bytes) -> RunDescription:
    """Make the description of the content of a `run.json`.

    Raises DamagedError, ProjectError or what msgspec raises.
    """
    form = msgspec.json.decode(content, type=RunForm)
    settings = read_settings(form.settings)
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
        data_digest="" if settings.dataset == BUNDLED else form.data.digest,
        class_names=() if numbered else names,
    )
    return RunDescription(project, form.name, form.note, form.state, form.versions, form.parent)


def after(description: RunDescription, epoch: int) -> Project:
    """Return the project of a run after some epochs, without its weights."""
    project = description.project
    return replace(project, trained_epochs=project.trained_epochs + epoch)
