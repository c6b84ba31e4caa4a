"""What is chosen in the lists of the panels, and remembered between starts."""

from PySide6.QtWidgets import QComboBox, QWidget

from gui.storage.preferences import PreferencesStore

# The lists whose choice is remembered. What filters the digits is not: a window that opens should
# show all of them.
CHOICES = (
    "feature_maps.stage",
    "gradients.shown",
    "kernels.shown",
    "kernels.colours",
    "predictions.order",
    "glass.speed",
)


def remember_choices(panel: QWidget, preferences: PreferencesStore) -> None:
    """Set the choices in a panel as they were, as if a person did it, and note new ones."""
    for box in panel.findChildren(QComboBox):
        if box.objectName() in CHOICES:
            _remember_choice(box, preferences)


def _remember_choice(box: QComboBox, preferences: PreferencesStore) -> None:
    name = box.objectName()
    place = box.findText(preferences.current.panels.choices.get(name, ""))
    if place >= 0:
        box.setCurrentIndex(place)
        box.activated.emit(place)

    def note() -> None:
        with preferences.changing() as changed:
            changed.panels.choices[name] = box.currentText()

    box.activated.connect(note)
