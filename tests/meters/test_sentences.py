"""Whatever can go wrong with a meter has a sentence, in both languages, that says what to do."""

import pytest

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.system.resources import load_texts


@pytest.mark.parametrize("kind", MeterFaultKind)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_fault_has_its_sentence(kind, language):
    sentence = load_texts(language).fault(MeterFault(kind, "RTX 4090", "why", line=7))
    assert "why" in sentence
    assert "{" not in sentence
    # What is wrong, and what to do or what happens now.
    assert len(sentence.split(". ")) >= 2


def test_a_fault_without_a_device_reads_well():
    for language in ("en", "fr"):
        for kind in ("library_missing", "library_mismatch", "driver_not_loaded", "no_device"):
            fault = MeterFault(MeterFaultKind(kind), detail="x")
            assert "  " not in load_texts(language).fault(fault)
