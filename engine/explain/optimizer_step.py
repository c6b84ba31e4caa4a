"""How the optimizer changes a weight by its gradient, in one step without a past."""

import math

from engine.explain.explanation import Number
from engine.model.settings import Settings
from engine.training.optimizers import Adam


def rule_equation(settings: Settings) -> str:
    """Write the optimizer's rule: `W ← W − η ∂E/∂W` for plain SGD."""
    decay = " + λ W" if settings.weight_decay else ""
    if settings.optimizer == "sgd":
        if not settings.momentum:
            return "W ← W − η ∂E/∂W" if not decay else "W ← W − η (∂E/∂W + λ W)"
        then = "W ← W − η (g + μ v)" if settings.nesterov else "W ← W − η v"
        return f"g = ∂E/∂W{decay};  v ← μ v + g;  {then}"
    coupled = decay if settings.optimizer == "adam" else ""
    pulled = "(1 − η λ) W" if settings.optimizer == "adamw" and decay else "W"
    return (
        f"g = ∂E/∂W{coupled};  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  "
        f"m′ = m / (1 − β₁);  v′ = v / (1 − β₂);  W ← {pulled} − η m′ / (√v′ + ε)"
    )


def rule_note(settings: Settings) -> str:
    """Say what the shown step leaves out of the optimizer's memory; empty if it has none."""
    if settings.optimizer == "sgd":
        if not settings.momentum:
            return ""
        return "This is shown as the first step, v = 0 before it: what momentum adds comes later."
    return "This is shown as the first step: Adam's means m and v are 0 before it."


def update_numbers(
    settings: Settings, rate: float, weight: float, gradient: float
) -> tuple[Number, ...]:
    """Return the numbers between a weight and its new value, in the order of the rule."""
    numbers = [Number("W", weight), Number("∂E/∂W", gradient), Number("η", rate)]
    g, decay, coupled = gradient, settings.weight_decay, settings.optimizer != "adamw"
    if decay:
        numbers.append(Number("λ", decay))
        if coupled:
            g += decay * weight
            numbers.append(Number("g", g))
    if settings.optimizer == "sgd":
        if settings.momentum:
            numbers += [Number("μ", settings.momentum), Number("v", g)]
            if settings.nesterov:
                numbers.append(Number("g + μ v", g + settings.momentum * g))
        return tuple(numbers)
    first, second = Adam.BETAS
    mean, square = (1 - first) * g, (1 - second) * g * g
    numbers += [Number("m", mean), Number("v", square)]
    numbers += [Number("m′", mean / (1 - first)), Number("√v′", math.sqrt(square / (1 - second)))]
    return tuple(numbers)
