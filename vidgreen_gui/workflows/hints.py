"""What in a graph tells which shot it belongs to: names, start image, prompt."""

import hashlib
import re
from collections.abc import Iterable

from vidgreen_gui.model.settings import ClipHints
from vidgreen_gui.workflows.default_names import is_default_name, without_placeholders
from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.graph import Node
from vidgreen_gui.workflows.live import walk

_TEXTS = ("text", "prompt", "positive_prompt", "negative_prompt", "positive", "negative", "string",
          "text_g", "text_l", "t5xxl", "clip_l", "tags", "lyrics",
          "text_positive", "text_negative")  # fmt: skip
_START_IMAGES = ("start_image", "first_frame", "init_image", "image", "ref_image")
_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def hints_of(
    evaluator: Evaluator, saver: Node | None, live: list[Node], workflow_id: str | None
) -> tuple[ClipHints, tuple[str, ...]]:
    """Return the hints and the user's texts, those that steer towards before those away."""
    prefix, subfolder = _names(evaluator, saver)
    towards = walk(evaluator, [saver] if saver else live, skip=("negative",))
    wanted = _texts(evaluator, towards, [name for name in _TEXTS if "negative" not in name])
    texts = tuple(dict.fromkeys((*wanted, *_texts(evaluator, live, _TEXTS))))
    digest = hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest()
    return (
        ClipHints(
            output_prefix=prefix,
            subfolder=subfolder,
            start_image=_start_image(evaluator, live),
            workflow_id=workflow_id,
            prompt_sha256=digest if texts else None,
            prompt_words=frozenset(word for text in wanted for word in words(text)),
        ),
        texts,
    )


def words(text: str) -> set[str]:
    """Return the lower-case words of a text; scripts without spaces give their characters."""
    found: set[str] = set()
    for word in _WORD.findall(text.lower()):
        wide = _WIDE.findall(word)
        found.update(wide or (word,))
    return found


def _names(evaluator: Evaluator, saver: Node | None) -> tuple[str | None, str | None]:
    """Return the last part of the output prefix, None for a default one, and its folders."""
    found = evaluator.input(saver, "filename_prefix", "filename", "output_path") if saver else None
    if found is None or not isinstance(found.value, str):
        return None, None
    folder, _, name = found.value.replace("\\", "/").strip("/ ").rpartition("/")
    parts = [part for one in folder.split("/") if (part := without_placeholders(one))]
    name = without_placeholders(name)
    return (None if is_default_name(name) else name), "/".join(parts) or None


def _texts(evaluator: Evaluator, nodes: list[Node], names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in nodes:
        for name in names:
            value = evaluator.input(node, name) if name in node.inputs else None
            if value is not None and isinstance(value.value, str) and value.value.strip():
                found[value.value] = None
    return tuple(found)


def _start_image(evaluator: Evaluator, live: list[Node]) -> str | None:
    """Return the file of the picture that the video starts from, as the loader names it."""
    by_role: dict[int, str] = {}
    for node in live:
        for name, _ in node.links():
            if name not in _START_IMAGES:
                continue
            loader = _first_loader(evaluator, node, name)
            if loader is not None:
                by_role.setdefault(_START_IMAGES.index(name), loader)
    return by_role[min(by_role)] if by_role else None


def _first_loader(evaluator: Evaluator, node: Node, name: str) -> str | None:
    """Return the file at the end of a chain of picture nodes."""
    for _ in range(50):
        source = evaluator.source(node.inputs.get(name))
        found = evaluator.graph.nodes.get(source.node) if source else None
        if found is None:
            return None
        if found.class_type.startswith("LoadImage"):
            file = evaluator.input(found, "image")
            known = file is not None and isinstance(file.value, str)
            return str(file.value).removesuffix(" [input]") if known and file else None
        node = found
        name = next((n for n in ("image", "images", "input", "pixels") if n in node.inputs), "")
    return None
