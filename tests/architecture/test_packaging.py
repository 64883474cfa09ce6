"""What ships: the same texts, data and schemas from a wheel and from an editable install."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from vidgreen_gui import __version__
from vidgreen_gui.system.resources import load_texts, resource

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (
    "i18n/en/LC_MESSAGES/vidgreen.mo", "i18n/fr/LC_MESSAGES/vidgreen.mo",
    "data/electricity_maps/factors.csv", "data/electricity_maps/LICENSE", "data/vidgreen/gpus.csv",
    "data/vidgreen/nvml_sensors.csv", "demo/session.ndjson", "schema/vidgreen-session-1.json",
    "palette.toml",
)  # fmt: skip
READ_ALL = (
    "from vidgreen_gui.system.resources import load_texts, resource\n"
    "import vidgreen_gui, sys\n"
    f"for name in {SHIPPED!r}: resource(name).read_bytes()\n"
    "for language in ('en', 'fr'): load_texts(language).say('cli.help.record')\n"
    "print(vidgreen_gui.__file__)\n"
)


def where_read_from(path, folder):
    """Return where the package lies that a fresh interpreter finds first below `path`."""
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL], cwd=folder, env=os.environ | {"PYTHONPATH": str(path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.mark.full
def test_the_wheel_carries_what_the_code_reads(wheel, tmp_path):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"vidgreen_gui/resources/{name}" for name in SHIPPED} <= names
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert where_read_from(tmp_path, tmp_path).is_relative_to(tmp_path)


@pytest.mark.full
def test_an_editable_install_reads_the_tree(tmp_path):
    make = "from hatchling.build import build_editable as b; import sys; print(b(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", make, tmp_path], cwd=ROOT, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        (link,) = [archive.read(n).decode() for n in archive.namelist() if n.endswith(".pth")]
    assert Path(link.strip()) == ROOT
    assert where_read_from(link.strip(), tmp_path).is_relative_to(ROOT)


def test_what_is_installed_here_reads_all_it_needs():
    for name in SHIPPED:
        assert resource(name).read_bytes()
    for language in ("en", "fr"):
        assert load_texts(language).say("cli.help.record")


def test_every_licence_of_the_data_is_named():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = set(re.split(r" AND ", project["license"]))
    assert named == {"Apache-2.0", "ODbL-1.0", "CC-BY-4.0", "MIT"}
    for folder in (ROOT / "resources" / "data").iterdir():
        assert list(folder.glob("LICENSE*")), folder.name


def test_constraints_hold_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[<>=!~ ]", one)[0].lower().replace("_", "-") for one in wanted}
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    assert names <= pinned
    assert len(project["dependencies"]) <= 15
    assert __version__
