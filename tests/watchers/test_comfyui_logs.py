"""Write chunks become lines; bars are told as they grow, once each."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comfyui import DATA

from vidgreen_gui.watchers.comfyui.logs import LineAssembler, Say, local_ns
from vidgreen_gui.watchers.comfyui.wire import LogEntry

T = "2026-11-21T22:05:00.244165"


def lines(*chunks):
    assembler = LineAssembler()
    return [line for chunk in chunks for line in assembler.feed(LogEntry(T, chunk))]


def test_a_bar_is_told_at_every_step_and_its_echo_is_not():
    told = lines(
        "\r  0%|          | 0/20 [00:00<?, ?it/s]",
        "\r  5%|▌         | 1/20 [00:03<00:58,  3.09s/it]",
        "",
        "\r  5%|▌         | 1/20 [00:03<00:58,  3.11s/it]",
        "\n",
    )
    assert [(line.say, line.step, line.steps) for line in told] == [
        (Say.STEP, 0, 20),
        (Say.STEP, 1, 20),
    ]
    assert [line.seconds_per_step for line in told] == [None, 3.09]


def test_rates_above_one_a_second_are_turned_over():
    (line,) = lines("\r 50%|#####     | 1/2 [1:00:00<00:00,  4.00it/s]")
    assert line.seconds_per_step == 0.25


@pytest.mark.parametrize(
    ("text", "say", "word"),
    [
        ("\x1b[32m[INFO]\x1b[0m Requested to load WanVAE\n", Say.REQUESTED, "WanVAE"),
        (
            "[INFO] model weight dtype torch.float8_e4m3fn, manual cast: torch.bfloat16\n",
            Say.PRECISION,
            "float8_e4m3fn",
        ),
        ("\x1b[32m[INFO]\x1b[0m \x1b[32mPrompt executed in 7.9 seconds\x1b[0m\n", Say.EXECUTED, ""),
        ("Prompt executed in 00:12:31\n", Say.EXECUTED, ""),
        ("\x1b[32m[INFO]\x1b[0m Processing interrupted\n", Say.INTERRUPTED, ""),
    ],
)  # fmt: skip
def test_telling_lines(text, say, word):
    (line,) = lines(text)
    assert (line.say, line.text) == (say, word)
    assert line.t_ns == local_ns(T)


def test_other_lines_say_nothing():
    assert not lines("got prompt\n", "Using split attention in VAE\n", "\n\n", "model_type FLOW\n")


def test_a_second_pass_of_the_same_length_is_told_again():
    told = lines(
        "\r100%|##| 2/2 [00:00<00:00,  3.62it/s]",
        "\n[INFO] Requested to load WAN21\n",
        "\r  0%|  | 0/2 [00:00<?, ?it/s]",
    )
    assert [line.say for line in told] == [Say.STEP, Say.REQUESTED, Say.STEP]


def test_every_recorded_bar_is_read():
    chunks = [
        entry["m"]
        for path in DATA.glob("*.ndjson")
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
        if (message := json.loads(line).get("ws")) and message["type"] == "logs"
        for entry in message["data"]["entries"]
    ]
    bars = [chunk for chunk in chunks if chunk.startswith("\r")]
    assert len(bars) > 100
    for chunk in bars:
        (line,) = lines(chunk)
        assert line.say is Say.STEP


@given(st.lists(st.text(), max_size=20), st.text(max_size=40))
def test_any_chunks(chunks, time):
    assembler = LineAssembler()
    for chunk in chunks:
        list(assembler.feed(LogEntry(time, chunk)))


@given(st.data())
def test_where_a_chunk_is_cut_does_not_matter(data):
    whole = (
        "[INFO] Requested to load WAN21\n\r  0%|  | 0/2 [00:00<?, ?it/s]"
        "\r 50%|# | 1/2 [00:03<00:03,  3.00s/it]\nPrompt executed in 3.00 seconds\n"
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=8)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert lines(*parts) == lines(whole)


def test_a_line_that_never_ends_does_not_fill_memory():
    assembler = LineAssembler()
    for _ in range(1000):
        list(assembler.feed(LogEntry(T, "x" * 10_000)))
    assert len(assembler._text) <= 4096


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-41", "\u0662\u0660\u0662\u0666"])
def test_unreadable_times_are_none(text):
    assert local_ns(text) is None
