"""KnownData: what is known of the content of the open project's data."""

from typing import NamedTuple

from engine.model.project import Project
from engine.model.settings import Settings
from engine.training.samples import DataKey, data_key


class KnownData(NamedTuple):
    """Fingerprint and class names of the data that some settings choose, as loaded last."""

    key: DataKey
    digest: str
    class_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, project: Project) -> "KnownData":
        """Say what a project knows of its data."""
        return cls(data_key(project.settings), project.data_digest, project.class_names)

    def for_settings(self, settings: Settings) -> tuple[str, tuple[str, ...]]:
        """Return both for the data that settings choose; empty if they are not known."""
        known = data_key(settings) == self.key
        return (self.digest, self.class_names) if known else ("", ())
