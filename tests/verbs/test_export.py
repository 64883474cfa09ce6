"""The verb picks sessions and a format; the files themselves are tested beside the exporters."""

import json
from pathlib import Path

import pytest
from support import facts as built

from vidgreen_gui.exports.json_file import JsonFile, read_documents
from vidgreen_gui.model.faults import InputFault, StoreFault
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.export import ExportRequest, VerifyRequest, check, export
from vidgreen_gui.verbs.importing import ImportRequest, import_path

TEXTS = load_texts("en")


@pytest.fixture
def data(tmp_path):
    for facts in (built.spring_campaign(finished=True), built.mixed_session()):
        path = tmp_path / "session.json"
        JsonFile().write((facts,), path, with_private=False)
        import_path(ImportRequest(tmp_path / "data", path))
    return tmp_path / "data"


def ask(data, path, **more):
    request = ExportRequest(**{"data": data, "format": "json", "path": path, **more})
    return export(request, TEXTS)


def test_one_session_by_id(data, tmp_path):
    path = tmp_path / "out.json"
    answer = ask(data, path, session="s-spring")
    assert (answer.path, answer.session_ids) == (path, ("s-spring",))
    (document,) = read_documents(path)
    assert document.totals.iterations == 11
    assert document.clips[0].name == "shot_01 opening"
    assert check(VerifyRequest(path)).problems == ()


def test_a_project_is_all_its_sessions(data, tmp_path):
    path = tmp_path / "out.json"
    assert set(ask(data, path, project="Spring campaign").session_ids) == {"s-spring", "s-mixed"}
    assert len(read_documents(path)) == 2
    assert ask(data, path, project="p-spring", session="s-mixed").session_ids == ("s-mixed",)
    assert len(ask(data, path, project="p-spring", session="last").session_ids) == 1


@pytest.mark.parametrize("name", ["csv", "html"])
def test_other_formats(data, tmp_path, name):
    path = tmp_path / f"out.{name}"
    ask(data, path, format=name)
    assert path.stat().st_size > 1000


def test_an_exporter_of_another_room(data, tmp_path):
    class Names:
        format = "names"
        suffix = ".txt"

        def write(self, sessions, path: Path, *, with_private):
            path.write_text(" ".join(one.session.id for one in sessions), encoding="utf-8")

    path = tmp_path / "out.txt"
    request = ExportRequest(data=data, format="names", path=path, session="s-mixed")
    export(request, TEXTS, {"names": Names()})
    assert path.read_text(encoding="utf-8") == "s-mixed"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"format": "xlsx"}, "fault.export.unknown_format"),
        ({"session": "none"}, "fault.engine.no_such_session"),
        ({"project": "none"}, "fault.export.unknown_project"),
        ({"project": "p-spring", "session": "none"}, "fault.export.unknown_session"),
    ],
)
def test_what_is_not_there_has_its_sentence(data, tmp_path, more, code):
    with pytest.raises(InputFault) as caught:
        ask(data, tmp_path / "out", **more)
    assert caught.value.code == code
    assert TEXTS.fault(caught.value)
    assert not (tmp_path / "out").exists()


def test_no_store_is_a_store_fault(tmp_path):
    with pytest.raises(StoreFault):
        ask(tmp_path / "nothing", tmp_path / "out.json")


def test_a_file_that_was_changed_is_found(data, tmp_path):
    path = tmp_path / "out.json"
    ask(data, path, session="s-mixed")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["totals"]["iterations"] = 7
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "exports.verify.count" in {one.code for one in check(VerifyRequest(path)).problems}
