"""Names the shot that a generation belongs to, in the order in which clues are trusted."""

import re

from vidgreen_gui.model.settings import ClipHints
from vidgreen_gui.workflows.default_names import is_default_name

# SEQ010_SH020_v003, sc01-sh0040, shot_010: a sequence may stand before, a version behind.
_STUDIO = re.compile(
    r"(?<![a-z\d])((?:(?:seq|sq|sc|scene|ep)[_\-.]?\d+[a-z]?[_\-.]*)*(?:sh|shot)[_\-.]?\d+[a-z]?)"
    r"(?![a-z\d])",
    re.IGNORECASE,
)
_DATE = re.compile(r"^\d{2,4}[-_.]?\d{1,2}[-_.]?\d{1,4}$")
_VERSION = re.compile(r"[_\-. ]+(v|ver|version|take|try)[_\-.]?\d+$", re.IGNORECASE)
_SIMILAR = 0.6


def clip_key(hints: ClipHints) -> tuple[str, str] | None:
    """Return what identifies the shot and a name for it, None where nothing reliable says.

    In this order: a studio's shot number in prefix or folders, an output prefix that somebody
    chose, the start image by its content or, where that is unknown, by its name. With None,
    `same_shot` compares what is left.
    """
    where = f"{hints.subfolder or ''}/{hints.output_prefix or ''}"
    shots = _STUDIO.findall(where)
    if shots:
        name = shots[-1]
        return f"shot:{name.casefold()}", name
    if hints.output_prefix is not None:
        name = _VERSION.sub("", hints.output_prefix)
        folder = "/".join(_chosen_folders(hints.subfolder))
        return f"prefix:{folder}/{name}".casefold(), name
    if hints.start_image_sha256 is not None:
        return f"image:{hints.start_image_sha256}", _image_name(hints) or hints.start_image_sha256[
            :8
        ]
    if (image := _image_name(hints)) is not None:
        return f"image-name:{hints.start_image}", image
    return None


def same_shot(a: ClipHints, b: ClipHints) -> bool:
    """Return whether two generations without a key are of one shot: one workflow, like prompts.

    Prompts are alike when they are equal or share three fifths of all their words.
    """
    if a.workflow_id is None or a.workflow_id != b.workflow_id:
        return False
    if a.prompt_sha256 == b.prompt_sha256:
        return True
    every = a.prompt_words | b.prompt_words
    return bool(every) and len(a.prompt_words & b.prompt_words) / len(every) >= _SIMILAR


def _chosen_folders(subfolder: str | None) -> list[str]:
    """Return the folders that are no date and no default."""
    parts = (subfolder or "").split("/")
    return [part for part in parts if not _DATE.match(part) and not is_default_name(part)]


def _image_name(hints: ClipHints) -> str | None:
    if hints.start_image is None:
        return None
    return hints.start_image.rsplit("/", 1)[-1].rsplit(".", 1)[0] or None
