"""The user's settings: one TOML file, read strictly, written whole or not at all."""

import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from vidgreen_gui.model.faults import Fault

# What a number may be: a slip of the keyboard must not become energy.
_RANGES = {
    "sampling_hz": (1.0, 50.0),
    "psu_w": (1.0, 10_000.0),
    "cpu_tdp_w": (1.0, 5_000.0),
    "dimms": (0, 256),
    "board_w": (0.0, 5_000.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSettings:
    """What the user may choose; every default works. None and "" mean: find out by yourself."""

    language: str = ""
    theme: str = "system"
    zone: str = ""
    price_per_kwh: float | None = None
    currency: str = "EUR"
    comfyui: tuple[str, ...] = ()
    discover: bool = True
    sampling_hz: float = 10.0
    card: str = ""
    dismissed: tuple[str, ...] = ()
    keep_prompts: bool = True
    project: str = ""
    scope: str = "gpu"
    plugs: tuple[str, ...] = ()
    psu: str = ""
    psu_w: float | None = None
    cpu_tdp_w: float | None = None
    dimms: int | None = None
    board_w: float | None = None


def load_settings(path: Path) -> UserSettings:
    """Return the settings in `path`, the defaults where there is no file.

    Raise Fault("fault.settings.unreadable") when the file cannot be understood; it is left as
    it is for the user to mend.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return UserSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise Fault("fault.settings.unreadable", path=str(path), detail=str(error)) from error
    try:
        settings = msgspec.convert(tomllib.loads(text), UserSettings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Fault("fault.settings.unreadable", path=str(path), detail=str(error)) from error
    for name, (lowest, highest) in _RANGES.items():
        value = getattr(settings, name)
        # TOML knows nan: no comparison with it is true.
        if value is not None and not lowest <= value <= highest:
            raise Fault("fault.settings.unreadable", path=str(path), detail=name)
    return settings


def save_settings(path: Path, settings: UserSettings) -> None:
    """Write `settings` to `path`, keeping the user's comments and a `.bak` of what was there.

    Raise Fault("fault.settings.unwritable") when the folder refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        document = _document(before)
        for name, value in asdict(settings).items():
            if value is None:
                document.pop(name, None)
            else:
                document[name] = list(value) if isinstance(value, tuple) else value
        if before:
            path.with_suffix(".toml.bak").write_text(before, encoding="utf-8")
        fresh = path.with_suffix(".toml.new")
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(tomlkit.dumps(document))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Fault("fault.settings.unwritable", path=str(path), detail=str(error)) from error


def _document(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError:
        return tomlkit.document()
