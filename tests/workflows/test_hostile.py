"""No graph, however wrong, raises anything but InputFault, and none takes long."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.settings import Extraction
from vidgreen_gui.workflows.arithmetic import calculate
from vidgreen_gui.workflows.extract import MAX_PASSES, extract

DATA = Path(__file__).resolve().parents[1] / "data" / "workflows_api"
CLASSES = sorted(
    {
        str(node.get("class_type", ""))
        for path in DATA.glob("*.json")
        for node in json.loads(path.read_text()).values()
    }
    | {"Reroute", "Any Switch (rgthree)", "Power Lora Loader (rgthree)", "SplitSigmas",
       "DualCFGGuider", "WanVideoSampler", "WanVideoLoraSelect", "VHS_VideoCombine",
       "ImageUpscaleWithModel", "RIFE VFI", "BatchImagesNode", "PrimitiveNode",
       "SetNode", "GetNode"}
)  # fmt: skip
INPUTS = sorted(
    {
        name
        for path in DATA.glob("*.json")
        for node in json.loads(path.read_text()).values()
        for name in node["inputs"]
    }
    | {"lora_1", "lora", "prev_lora", "cache_args", "cfg_conds", "cfg_cond2_negative", "scale_by",
       "start_step", "end_step", "amount", "dim", "image1", "pingpong", "step", "model1"}
)  # fmt: skip
IDS = [str(number) for number in range(8)] + ["128:81"]

odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-3, 1000),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["t", "16:9 (Wide)", "2x.pth", "a*b+1", "scale by multiplier", "1, 0.5, 0"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["lora", "strength", "on"]), st.text(max_size=5)),
)  # fmt: skip
links = st.tuples(st.sampled_from(IDS), st.integers(-1, 4)).map(list)
nodes = st.fixed_dictionaries(
    {
        "class_type": st.one_of(st.sampled_from(CLASSES), st.text(max_size=8), odd_values),
        "inputs": st.dictionaries(
            st.sampled_from(INPUTS), st.one_of(links, links, odd_values), max_size=9
        ),
    }
)
prompts = st.dictionaries(
    st.sampled_from(IDS), st.one_of(nodes, nodes, nodes, odd_values), max_size=9
)


@given(prompts)
def test_no_random_prompt_raises_anything_else(prompt):
    with suppress(InputFault):
        assert isinstance(extract(prompt), Extraction)


TEMPLATES = {path.stem: json.loads(path.read_text()) for path in DATA.glob("*.json")}
wounds = st.lists(
    st.tuples(st.integers(0, 999), st.integers(0, 99), st.one_of(odd_values, st.integers(0, 999))),
    min_size=1,
    max_size=12,
)


@given(st.sampled_from(sorted(TEMPLATES)), wounds)
def test_no_wounded_template_raises_anything_else(name, chosen):
    prompt = json.loads(json.dumps(TEMPLATES[name]))
    ids = list(prompt)
    for node_index, input_index, value in chosen:
        inputs = prompt[ids[node_index % len(ids)]]["inputs"]
        field = list(inputs)[input_index % len(inputs)]
        is_link = isinstance(value, int) and 0 <= value < 999
        inputs[field] = [ids[value % len(ids)], value % 3] if is_link else value
    assert isinstance(extract(prompt), Extraction)


slots = st.fixed_dictionaries(
    {"name": st.sampled_from(INPUTS), "link": st.one_of(st.none(), st.integers(0, 12), odd_values)},
    optional={"widget": odd_values, "type": st.sampled_from(["MODEL", "IMAGE", "INT"])},
)
ui_nodes = st.fixed_dictionaries(
    {
        "id": st.one_of(st.integers(0, 6), odd_values),
        "type": st.one_of(st.sampled_from([*CLASSES, "sub-1", "sub-2"]), odd_values),
        "inputs": st.one_of(st.lists(slots, max_size=5), odd_values),
        "outputs": st.lists(st.fixed_dictionaries({"type": st.sampled_from(["MODEL", "INT"])})),
        "widgets_values": st.one_of(st.lists(odd_values, max_size=6), odd_values),
        "mode": st.sampled_from([0, 0, 0, 2, 4, None]),
    }
)
ui_links = st.one_of(
    st.tuples(*[st.integers(-20, 12)] * 5, st.just("MODEL")).map(list),
    st.fixed_dictionaries(
        {
            name: st.integers(-20, 12)
            for name in ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        }
    ),
    odd_values,
)
canvas = {
    "nodes": st.lists(st.one_of(ui_nodes, ui_nodes, odd_values), max_size=6),
    "links": st.one_of(st.lists(ui_links, max_size=12), odd_values),
}
subgraphs = st.fixed_dictionaries(
    {
        **canvas,
        "id": st.sampled_from(["sub-1", "sub-2"]),
        "inputs": st.lists(slots, max_size=3),
        "outputs": st.lists(slots, max_size=3),
    }
)
ui_documents = st.fixed_dictionaries(
    {
        **canvas,
        "definitions": st.one_of(
            st.fixed_dictionaries({"subgraphs": st.lists(subgraphs, max_size=2)}), odd_values
        ),
    }
)


@given(ui_documents)
def test_no_random_canvas_raises_anything_else(document):
    with suppress(InputFault):
        assert isinstance(extract(document), Extraction)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_no_random_bytes_raise_anything_else(data):
    with pytest.raises(InputFault):
        extract(data)


@given(st.text(alphabet="ab019.+-*/%() <>=&|~,minaxflorudbs", max_size=60))
def test_no_expression_raises_or_grows(expression):
    value = calculate(expression, {"a": 7, "b": 2.5})
    assert value is None or abs(value) <= 2**128


@pytest.mark.parametrize(
    "expression",
    ["9**9**9", "a" * 2000, "(" * 900, "1 if" * 200, "'x'*9", "__import__('os')", "a.b",
     "round(1,-999999)", "[1]*9", "1/0", "(-8)**0.5",
     "lambda: 1", "max()", "min(1, x)", "1e999", "~0.5",
     "\0", "\ud800"],
)  # fmt: skip
def test_what_is_no_arithmetic_is_unknown(expression):
    begun = time.monotonic()
    assert calculate(expression, {"a": 1}) in (None, 0)
    assert time.monotonic() - begun < 10


def chain(length, kind, name):
    """Return a chain of nodes of one class, each feeding the next, and a saver at its end."""
    prompt = {
        str(i): {"class_type": kind, "inputs": {name: [str(i - 1), 0]}} for i in range(1, length)
    }
    prompt["0"] = {"class_type": kind, "inputs": {name: 16}}
    prompt["save"] = {"class_type": "SaveWEBM", "inputs": {"fps": [str(length - 1), 0]}}
    return prompt


def test_a_chain_of_thousands_of_nodes_ends():
    begun = time.monotonic()
    for kind, name in (("Reroute", "x"), ("PrimitiveInt", "value"), ("ImageScaleBy", "image"),
                       ("LoraLoaderModelOnly", "model")):  # fmt: skip
        assert extract(chain(4000, kind, name)).settings.fps is None
    assert time.monotonic() - begun < 30


def test_a_short_chain_is_followed_to_its_literal():
    found = extract(chain(20, "PrimitiveInt", "value"))
    assert found.settings.fps == 16
    assert (found.origins["fps"].node, found.origins["fps"].input) == ("0", "value")


def test_a_value_that_doubles_at_each_of_forty_nodes_is_computed_once_each():
    prompt = {"0": {"class_type": "PrimitiveInt", "inputs": {"value": 1}}}
    for i in range(1, 40):
        both = {"expression": "a+b", "values.a": [str(i - 1), 1], "values.b": [str(i - 1), 1]}
        prompt[str(i)] = {"class_type": "ComfyMathExpression", "inputs": both}
    prompt["1"]["inputs"] |= {"values.a": ["0", 0], "values.b": ["0", 0]}
    prompt["save"] = {"class_type": "SaveWEBM", "inputs": {"fps": ["5", 1]}}
    assert extract(prompt).settings.fps == 32


def test_loops_end_as_unknown():
    prompt = {
        "1": {"class_type": "KSampler", "inputs": {
            "model": ["2", 0], "steps": ["3", 0], "latent_image": ["1", 0], "cfg": 2}},
        "2": {"class_type": "LoraLoaderModelOnly", "inputs": {"model": ["2", 0], "lora_name": "x"}},
        "3": {"class_type": "ComfySwitchNode", "inputs": {
            "switch": ["3", 0], "on_false": ["3", 0], "on_true": ["3", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    }  # fmt: skip
    (only,) = extract(prompt).settings.samplers
    assert (only.steps, only.evaluations, only.width, only.model) == (None, None, None, None)
    assert [lora.name for lora in only.loras] == ["x"]


def test_a_subgraph_that_holds_itself_is_refused():
    inner = {
        "id": "s",
        "nodes": [{"id": i, "type": "s", "inputs": []} for i in range(3)],
        "links": [],
    }
    document = {**inner, "definitions": {"subgraphs": [inner]}}
    with pytest.raises(InputFault) as caught:
        extract(document)
    assert caught.value.code in ("fault.workflow.too_deep", "fault.workflow.too_many_nodes")


def test_many_instances_of_one_big_subgraph_are_read_once():
    links = [
        {"id": i, "origin_id": 1, "origin_slot": 0, "target_id": -20, "target_slot": i}
        for i in range(10_000)
    ]
    inner = {"id": "s", "nodes": [{"id": 1, "type": "X", "inputs": []}], "links": links}
    many = [{"id": i, "type": "s", "inputs": []} for i in range(3000)]
    begun = time.monotonic()
    extract({"nodes": many, "links": [], "definitions": {"subgraphs": [inner]}})
    assert time.monotonic() - begun < 10  # minutes, if each instance read them anew


def test_more_passes_than_any_clip_has_are_not_read():
    prompt = {
        str(i): {"class_type": "KSampler", "inputs": {"model": ["m", 0], "steps": 3, "cfg": 2,
                                                      "latent_image": [str(i - 1), 0]}}
        for i in range(MAX_PASSES + 50)
    }  # fmt: skip
    prompt["o"] = {"class_type": "SaveImage", "inputs": {"images": [str(MAX_PASSES + 49), 0]}}
    assert len(extract(prompt).settings.samplers) == MAX_PASSES


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"9" * 5000, "not_json"),
        (b"null", "not_a_workflow"),
        (b"{}", "not_a_workflow"),
        (b'{"1": {"class_type": "KSampler"}}', "not_a_workflow"),
        (b'{"nodes": [], "links": []}', "not_a_workflow"),
        (json.dumps({str(i): {} for i in range(20_001)}), "too_many_nodes"),
    ],
)
def test_each_wrong_document_has_its_sentence(document, code):
    with pytest.raises(InputFault) as caught:
        extract(document)
    assert caught.value.code == f"fault.workflow.{code}"


def test_nan_and_infinity_are_no_settings():
    prompt = (
        '{"1": {"class_type": "SaveWEBM", "inputs": {"fps": NaN, "images": ["2", 0]}},'
        '"2": {"class_type": "EmptyImage", "is_changed": [NaN], '
        '"inputs": {"width": 1e999, "height": -Infinity, "batch_size": 9}}}'
    )
    s = extract(prompt).settings
    assert (s.width, s.height, s.frames, s.fps) == (None, None, 9, None)
