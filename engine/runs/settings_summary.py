"""The settings by which one tells what a run was: in the terminal, and in a search for words."""

from engine.model.project import Project
from engine.model.settings import Settings
from engine.runs.differences import setting_text
from engine.struct_fields import fields_of

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
