"""KnownData: what is known of the content of the open project's data."""

from typing import NamedTuple

from engine.model.settings import Settings
from engine.training.samples import DataKey, data_key


class KnownData(NamedTuple):
    """The fingerprint of the data that some settings choose, as it was saved or loaded last."""

    key: DataKey
    digest: str

    @classmethod
    def of(cls, settings: Settings, digest: str) -> "KnownData":
        """Say what is known of the data of some settings."""
        return cls(data_key(settings), digest)

    def digest_for(self, settings: Settings) -> str:
        """Return the fingerprint of the data that settings choose; empty if it is not known."""
        return self.digest if data_key(settings) == self.key else ""
