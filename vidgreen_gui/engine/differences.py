"""What one iteration changed against the one before it in the same clip."""

from vidgreen_gui.model.facts import SettingChange
from vidgreen_gui.model.session import Iteration
from vidgreen_gui.model.settings import Settings

# In the order in which they explain a difference in cost best.
_COMPARED = (
    "model", "width", "height", "frames", "fps", "steps", "cfg", "sampler", "scheduler",
    "precision", "cache", "seed",
)  # fmt: skip


def setting_changes(before: Iteration | None, after: Iteration) -> tuple[SettingChange, ...]:
    """Return the settings that differ; a size is one change, "832 x 480" to "640 x 360"."""
    if before is None:
        return ()
    old, new = before.settings, after.settings
    changes = []
    if (old.width, old.height) != (new.width, new.height):
        changes.append(SettingChange("size", _size(old), _size(new)))
    for name in _COMPARED:
        if name in {"width", "height"}:
            continue
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            changes.append(SettingChange(name, was, now))
    if _loras(old) != _loras(new):
        changes.append(SettingChange("loras", _loras(old), _loras(new)))
    return tuple(changes)


def _size(settings: Settings) -> str | None:
    if settings.width is None or settings.height is None:
        return None
    return f"{settings.width} × {settings.height}"


def _loras(settings: Settings) -> str | None:
    return ", ".join(lora.name for lora in settings.loras) or None
