"""The data that the template for pictures in colour begins with."""

import os
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm
from engine.data.sources import load, why_missing
from engine.files.atomic import ProgressReport
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.templates import colour, suited
from engine.training.samples import image_form, require_several_classes
from gui.widgets.messages import unattended

COLOURS = 3  # channels of an image in colour
Waiting = Callable[[str, Callable[[ProgressReport], Dataset]], Dataset]


def colour_project(
    window: QWidget, settings: Settings, training: Dataset | None, wait_for: Waiting
) -> Project:
    """Fit the template to the data that is there, if it is in colour; else to that of a folder.

    `training` are the present training samples, by the `settings`. The user is asked for a folder
    only if the set that the template names is not on this machine; without an answer it stays
    named. Raises DataError if the folder's images cannot be read.
    """
    project = colour()
    if training is not None and training.input_shape[0] == COLOURS:
        return suited(_on(project, settings), training.input_shape, training.classes)
    if not why_missing(project.settings.dataset) or unattended():
        return project
    folder = QFileDialog.getExistingDirectory(
        window, "Folder of pictures in colour, a subfolder for each class"
    )
    if not folder:
        return project
    project = replace(project, settings=project.settings.with_changes(dataset=folder))
    form, title = image_form(project.settings), f"Reading {os.path.basename(folder)}"
    found = wait_for(title, lambda report: _training(folder, form, report))
    require_several_classes(found)
    return suited(project, found.input_shape, found.classes)


def _training(folder: str, form: ImageForm, report: ProgressReport) -> Dataset:
    return load(folder, form=form, report=lambda done, total: report(done / max(1, total)))[0]


def _on(project: Project, chosen: Settings) -> Project:
    """Take over which data is used, and leave how it is learned from."""
    names = "dataset", "test_split", "image_size", "colour", "fit", "background", "scaling"
    changes = {name: getattr(chosen, name) for name in names}
    return replace(project, settings=project.settings.with_changes(**changes))
