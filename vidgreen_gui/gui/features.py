"""Keeps PySide6 from reading the source of every module that is imported after it."""

import importlib


def ignore_features() -> None:
    """Tell PySide6 that no module asks for its `__feature__` switches; ours never do.

    To find out by itself it reads and keeps the source of each module: 19 MB and a seventh of
    the import of pyqtgraph, seen with 6.11. Where another version asks in another way, nothing
    is changed.
    """
    try:
        feature = importlib.import_module("shibokensupport.feature")
    except ImportError:
        return
    # There is no public switch.
    names = vars(feature)
    if "_mod_uses_pyside" in names:
        names["_mod_uses_pyside"] = _asks_for_none


def _asks_for_none(_module: object) -> bool:
    return False
