"""The checkpoint of a training that weights are of, in words."""

from engine.model.project import Project


def checkpoint_words(project: Project) -> str:
    """Say when the weights of a project were as they are: `after 5 steps of epoch 1`."""
    done, epochs = project.state, project.trained_epochs
    steps = 0 if done is None else done.part.steps
    if steps:
        return f"after {steps:,} step{'s' if steps > 1 else ''} of epoch {epochs + 1:,}"
    if project.trained_part:
        return f"within epoch {epochs + 1:,}"
    if epochs:
        return f"after epoch {epochs:,}"
    return "not trained yet" if project.weights else ""
