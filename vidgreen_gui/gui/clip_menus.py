"""The menus that list clips: working on, move to, merge into."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.model.session import Clip

_MOST_LISTED = 60


def list_clips(
    menu: QMenu, clips: tuple[Clip, ...], chosen_id: str | None, slot: Callable[[str], None]
) -> None:
    """Fill `menu` with the clips, the newest last; `slot` gets the id of the one that is chosen."""
    menu.clear()
    for clip in clips[-_MOST_LISTED:]:
        action = menu.addAction(visible(clip.name, 60).replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(clip.id == chosen_id)
        action.triggered.connect(lambda _checked=False, clip_id=clip.id: slot(clip_id))
