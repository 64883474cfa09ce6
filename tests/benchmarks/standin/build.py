"""Compiles the C stand-in of NVML into a folder for LD_LIBRARY_PATH."""

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("nvml_standin.c")
LIBRARY = "libnvidia-ml.so.1"


def compiler() -> str | None:
    """Return the path of a C compiler, None where there is none."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build_standin(folder: Path) -> Path:
    """Write the library into `folder` and return its path; raise CalledProcessError."""
    cc = compiler()
    if cc is None:
        raise FileNotFoundError("cc")
    target = folder / LIBRARY
    subprocess.run(
        [cc, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", target, SOURCE],
        check=True,
        capture_output=True,
        text=True,
    )
    return target
