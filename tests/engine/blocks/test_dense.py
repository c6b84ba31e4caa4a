"""The weight gradient of Dense: two factors, or formed where it is smaller than these."""

import numpy as np
import pytest

from engine.blocks import Dense
from engine.blocks.base import Outer
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace


@pytest.mark.parametrize(
    ("samples", "batch", "formed"),
    [
        (5, 9, True),  # a shard: 12 weights, factors of 5·3 and 5·4
        (2, 9, True),  # 6 and 8
        (1, 9, False),  # 3 and 4
        (5, 5, False),  # all of a batch
    ],
)
def test_a_shard_forms_the_weight_gradient_if_it_is_smaller_than_its_factors(
    samples: int, batch: int, formed: bool
) -> None:
    draw = np.random.default_rng(samples)
    weights, inputs, slopes = (draw.normal(size=s) for s in ((3, 4), (samples, 4), (samples, 3)))
    layer = Dense(units=3).layer((4,), {"weight": weights, "bias": np.zeros(3)})
    workspace = Workspace(np.float64)
    workspace.run = PassContext(training=True, samples=batch)
    layer.forward(inputs, workspace)
    found = layer.backward(slopes, workspace, wants_inputs=False).parameters["weight"]
    if isinstance(found, Outer):
        assert not formed
        found = found.formed()
    else:
        assert formed
    assert np.allclose(found, np.einsum("su,si->ui", slopes, inputs), rtol=1e-12, atol=1e-12)
