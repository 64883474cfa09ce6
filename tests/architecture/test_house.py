"""The house rules: floors, module sizes, first lines, shipped texts."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "vidgreen_gui").rglob("*.py"))
PO_FILES = sorted((ROOT / "resources" / "i18n").glob("*.po"))
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "misc", "common"}


def test_imports_go_down_the_stairs():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_is_small_named_for_its_role_and_says_what_it_is_for(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400
    assert path.stem not in FORBIDDEN_NAMES
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", ":", "?"))


def test_most_modules_are_under_200_lines():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[int(len(lengths) * 0.75)] < 200


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


def _catalogue(language: str):
    messages = {}
    for path in PO_FILES:
        if path.name.endswith(f".{language}.po"):
            with path.open("rb") as stream:
                for message in read_po(stream, locale=language):
                    if message.id:
                        key = message.id if isinstance(message.id, str) else message.id[0]
                        assert key not in messages, f"{key} stands twice"
                        messages[key] = message.string
    return messages


def test_both_languages_say_the_same_things():
    english, french = _catalogue("en"), _catalogue("fr")
    assert english.keys() == french.keys()
    for code, sentence in english.items():
        other = french[code]
        one = sentence if isinstance(sentence, str) else "".join(sentence)
        two = other if isinstance(other, str) else "".join(other)
        assert one.strip(), code
        assert two.strip(), code
        if isinstance(sentence, str):
            assert _fields(one) == _fields(two), code


def test_the_project_speaks_of_itself_alone():
    # Split so that this file does not trip over itself.
    banned = re.compile("|".join(["py" + r"pi\.org", "python" + "hosted", "/wo" + "rk/"]))
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".txt", ".po", ".html", ".json"}
            and path.exists()
        ):
            assert not banned.search(path.read_text(encoding="utf-8", errors="replace")), name
