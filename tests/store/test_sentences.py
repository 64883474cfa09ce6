"""Each fault of the store, the lock and the spool has its sentence in both languages."""

from pathlib import Path

import pytest

from vidgreen_gui.model.faults import Notice, StoreFault, StoreFaultKind
from vidgreen_gui.system.lock import KINDS, Holder, RecorderBusy
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.system.spool import SpoolFault

FAULTS = [
    *(StoreFault(kind, "/data/vidgreen.db", "detail") for kind in StoreFaultKind),
    *(RecorderBusy(Holder(1234, kind, 0), Path("/data")) for kind in KINDS),
    SpoolFault(Path("/data"), "detail"),
    Notice("fault.store.low_space"),
    Notice("store.interrupted"),
    Notice("store.quarantined", (("path", "/data/vidgreen.db.corrupt-20260101-000000"),)),
]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_it_is_said(language, fault):
    sentence = load_texts(language).fault(fault)
    assert sentence.rstrip(")").endswith((".", "detail", "db"))
    assert "{" not in sentence
    assert "()" not in sentence
