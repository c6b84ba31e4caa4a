"""Whether networks had the same data, as far as its fingerprints tell."""

from collections.abc import Sequence

from engine.model.project import Project


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
