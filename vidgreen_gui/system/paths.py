"""Where VidGreen keeps its things on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one installation; `data` is private to the user."""

    data: Path
    config: Path

    @property
    def settings(self) -> Path:
        """Return the settings file."""
        return self.config / "settings.toml"

    @property
    def crashes(self) -> Path:
        """Return the folder of crash records; they never leave the machine by themselves."""
        return self.data / "crashes"


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for this user alone; raise OSError."""
    if not folder.exists():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def find_paths(data_dir: Path | str | None = None) -> Paths:
    """Return the folders: `data_dir`, else VIDGREEN_DATA_DIR, else the platform's own place."""
    dirs = PlatformDirs("VidGreen", appauthor=False)
    data = Path(data_dir or os.environ.get("VIDGREEN_DATA_DIR") or dirs.user_data_dir)
    config = os.environ.get("VIDGREEN_CONFIG_DIR")
    return Paths(data.expanduser().absolute(), Path(config or dirs.user_config_dir))
