"""RunMoment: which epoch of which kept run weights are of."""

from typing import Annotated

import msgspec
from msgspec import Meta


class RunMoment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run by its id, and an epoch of it; epoch 0 is its start."""

    run: Annotated[str, Meta(min_length=1, max_length=1000)]
    epoch: Annotated[int, Meta(ge=0, le=2**53)]
