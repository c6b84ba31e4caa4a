"""Files that a user keeps: projects and weights. Each is checked when read, and written whole."""

from engine.files.project_file import open_project, save_project
from engine.files.weights_file import export_weights, load_weights

__all__ = ["export_weights", "load_weights", "open_project", "save_project"]
