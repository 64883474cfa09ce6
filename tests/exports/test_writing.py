"""Files are written whole or not at all, and every refusal has its sentence."""

import os

import pytest
from support import facts as built

from vidgreen_gui.exports.atomic import write_whole
from vidgreen_gui.exports.registry import exporters
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.resources import load_texts


def test_formats():
    table = exporters(load_texts("en"))
    assert {name: exporter.suffix for name, exporter in table.items()} == {
        "json": ".json",
        "csv": ".csv",
        "html": ".html",
    }


@pytest.mark.parametrize("name", ["json", "csv", "html"])
def test_each_format_leaves_one_file(name, tmp_path):
    exporter = exporters(load_texts("en"))[name]
    path = tmp_path / f"session{exporter.suffix}"
    for _ in range(2):
        exporter.write((built.single_iteration(),), path, with_private=False)
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "session.csv"
    path.write_bytes(b"before")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputFault) as caught:
        write_whole(path, b"after")
    assert caught.value.code == "fault.export.disk_full"
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_refusals_have_sentences(language, tmp_path):
    texts = load_texts(language)
    (tmp_path / "file").write_bytes(b"")
    for path, code in (
        (tmp_path / "none" / "a.csv", "fault.export.no_folder"),
        (tmp_path / "file" / "a.csv", "fault.export.no_folder"),
        (tmp_path, "fault.export.is_folder"),
        (tmp_path / ("x" * 300), "fault.export.refused"),
    ):
        with pytest.raises(InputFault) as caught:
            write_whole(path, b"x")
        assert caught.value.code == code
        assert str(path) in texts.fault(caught.value)
