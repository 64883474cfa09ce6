"""Compiles resources/i18n/AREA.LANG.po into one .mo per language; a build hook and a command."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "fr")


def compile_texts(folder: Path) -> list[Path]:
    """Write LANG/LC_MESSAGES/vidgreen.mo below `folder` from its .po files; return the paths.

    A code that stands in two areas raises ValueError: each sentence has one home.
    """
    written = []
    for language in LANGUAGES:
        merged = Catalog(locale=language)
        for source in sorted(folder.glob(f"*.{language}.po")):
            with source.open("rb") as stream:
                for message in read_po(stream, locale=language):
                    if not message.id:
                        continue
                    if message.id in merged:
                        raise ValueError(f"{message.id} stands twice; the second in {source.name}")
                    merged.add(message.id, message.string)
        target = folder / language / "LC_MESSAGES" / "vidgreen.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as stream:
            write_mo(stream, merged)
        written.append(target)
    return written


class CompileTexts(BuildHookInterface):
    """Runs before a wheel or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002
        """Compile the texts in place, so that source, editable and wheel installs read the same."""
        compile_texts(Path(self.root) / "resources" / "i18n")


if __name__ == "__main__":
    for path in compile_texts(ROOT / "resources" / "i18n"):
        print(path.relative_to(ROOT))
