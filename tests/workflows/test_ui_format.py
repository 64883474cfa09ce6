"""What the browser saves reads like the prompt that it would send."""

import json
from pathlib import Path

import pytest

from vidgreen_gui.workflows.extract import extract, read_graph

DATA = Path(__file__).resolve().parents[1] / "data" / "workflows_api"


class Canvas:
    """Builds a workflow the way the browser writes it down."""

    def __init__(self, dict_links=False):
        self.nodes, self.links, self.dict_links = [], [], dict_links

    def add(self, node_id, kind, values=(), mode=0, inputs=(), outputs=("*",)):
        """Add a node; `inputs` are (name, type) or (name, type, "field")."""
        self.nodes.append({
            "id": node_id, "type": kind, "mode": mode, "widgets_values": list(values),
            "inputs": [
                {"name": one[0], "type": one[1], "link": None,
                 **({"widget": {"name": one[0]}} if len(one) > 2 else {})}
                for one in inputs
            ],
            "outputs": [{"name": one, "type": one} for one in outputs],
        })  # fmt: skip
        return self

    def link(self, origin, slot, target, name):
        """Join an output to a named input; the edges of a subgraph are -10 and -20."""
        number = len(self.links) + 1
        place = 0
        for node in self.nodes:
            for at, one in enumerate(node["inputs"]):
                if node["id"] == target and one["name"] == name:
                    one["link"], place = number, at
        if target == -20:
            place = name
        if self.dict_links:
            self.links.append({"id": number, "origin_id": origin, "origin_slot": slot,
                               "target_id": target, "target_slot": place, "type": "*"})  # fmt: skip
        else:
            self.links.append([number, origin, slot, target, place, "*"])
        return self

    def document(self, **more):
        return {"id": "wf-1", "version": 0.4, "nodes": self.nodes, "links": self.links, **more}


SAMPLER = [("model", "MODEL"), ("latent_image", "LATENT"), ("steps", "INT", "field")]
KSAMPLER_VALUES = [42, "randomize", 20, 6, "euler", "simple", 1]


def draft(canvas=None):
    """Return a canvas with a loader 1, a latent 2, a sampler 3, a saver 6 and room between."""
    canvas = canvas or Canvas()
    canvas.add(1, "UNETLoader", ["wan2.1_t2v_14B_fp16.safetensors", "default"], outputs=["MODEL"])
    canvas.add(2, "EmptyHunyuanLatentVideo", [832, 480, 81, 1], outputs=["LATENT"])
    canvas.add(3, "KSampler", KSAMPLER_VALUES, inputs=SAMPLER, outputs=["LATENT"])
    canvas.add(4, "VAEDecode", inputs=[("samples", "LATENT")], outputs=["IMAGE"])
    canvas.add(5, "CreateVideo", [16], inputs=[("images", "IMAGE")], outputs=["VIDEO"])
    canvas.add(6, "SaveVideo", ["video/fox", "auto", "auto"], inputs=[("video", "VIDEO")])
    canvas.add(7, "MarkdownNote", ["read me"])
    canvas.link(2, 0, 3, "latent_image").link(3, 0, 4, "samples").link(4, 0, 5, "images")
    return canvas.link(5, 0, 6, "video")


def test_a_plain_canvas_is_read_whole():
    found = extract(draft().link(1, 0, 3, "model").document())
    s = found.settings
    assert (s.width, s.height, s.frames, s.fps) == (832, 480, 81, 16)
    assert (s.steps, s.evaluations, s.cfg, s.seed, s.sampler) == (20, 40, 6, 42, "euler")
    assert s.model == "wan2.1_t2v_14B_fp16.safetensors"
    assert found.hints.workflow_id == "wf-1"
    assert found.hints.output_prefix == "fox"
    assert found.notes == ()


@pytest.mark.parametrize("mode", [0, 4, 2])
def test_a_bypassed_lora_does_not_count_and_a_muted_one_cuts_the_branch(mode):
    canvas = draft().add(8, "LoraLoaderModelOnly", ["x.safetensors", 1], mode,
                         inputs=[("model", "MODEL")], outputs=["MODEL"])  # fmt: skip
    s = extract(canvas.link(1, 0, 8, "model").link(8, 0, 3, "model").document()).settings
    assert [lora.name for lora in s.loras] == (["x.safetensors"] if mode == 0 else [])
    assert (s.model is None) == (mode == 2)


def test_reroutes_primitives_and_get_set_pairs_disappear():
    canvas = draft()
    canvas.add(8, "Reroute", inputs=[("", "*")]).add(9, "PrimitiveNode", [30, "fixed"])
    canvas.add(10, "SetNode", ["theModel"], inputs=[("MODEL", "MODEL")])
    canvas.add(11, "GetNode", ["theModel"])
    canvas.link(1, 0, 8, "").link(8, 0, 10, "MODEL").link(11, 0, 3, "model")
    document = canvas.link(9, 0, 3, "steps").document()
    s = extract(document).settings
    assert (s.steps, s.model) == (30, "wan2.1_t2v_14B_fp16.safetensors")
    assert {node.class_type for node in read_graph(document).nodes.values()} == {
        "UNETLoader", "EmptyHunyuanLatentVideo", "KSampler", "VAEDecode", "CreateVideo",
        "SaveVideo",
    }  # fmt: skip


def nested(instance_values=(), outer_link=False):
    """Return a workflow whose loader and sampler sit in a subgraph inside a subgraph."""
    inner = Canvas(dict_links=True)
    inner.add(1, "UNETLoader", ["inner.safetensors", "default"], outputs=["MODEL"])
    inner.add(3, "KSampler", KSAMPLER_VALUES, inputs=SAMPLER, outputs=["LATENT"])
    inner.link(1, 0, 3, "model").link(-10, 0, 3, "latent_image").link(-10, 1, 3, "steps")
    inner.link(3, 0, -20, 0)
    fields = [{"name": "latent", "linkIds": [2]}, {"name": "steps", "linkIds": [3]}]
    outputs = [{"name": "LATENT"}]
    middle = Canvas(dict_links=True)
    middle.add(5, "inner-id", instance_values, inputs=[("latent", "LATENT"), ("steps", "INT", "f")])
    middle.link(-10, 0, 5, "latent").link(5, 0, -20, 0)
    outer = Canvas()
    outer.add(2, "EmptyHunyuanLatentVideo", [640, 640, 49, 1])
    outer.add(9, "middle-id", inputs=[("latent", "LATENT")])
    outer.add(4, "VAEDecode", inputs=[("samples", "LATENT")])
    outer.add(6, "SaveWEBM", ["fox", "vp9", 24, 32], inputs=[("images", "IMAGE")])
    outer.link(2, 0, 9, "latent").link(9, 0, 4, "samples").link(4, 0, 6, "images")
    if outer_link:
        middle.add(7, "PrimitiveInt", [8, "fixed"]).link(7, 0, 5, "steps")
    subgraphs = [
        {**inner.document(), "id": "inner-id", "inputs": fields, "outputs": outputs},
        {**middle.document(), "id": "middle-id", "inputs": fields[:1], "outputs": outputs},
    ]
    return outer.document(definitions={"subgraphs": subgraphs})


@pytest.mark.parametrize(
    ("document", "steps", "origin"),
    [
        (nested(), 20, "9:5:3"),  # the field inside
        (nested(instance_values=[12]), 12, "9:5:3"),  # the field on the subgraph goes before
        (nested(instance_values=[12], outer_link=True), 8, "9:7"),  # a link before both
    ],
)
def test_subgraphs_are_opened_with_the_ids_a_prompt_would_have(document, steps, origin):
    found = extract(document)
    s = found.settings
    assert (s.steps, s.model, s.width, s.frames, s.fps) == (steps, "inner.safetensors", 640, 49, 24)
    assert s.samplers[0].node == "9:5:3"
    assert found.origins["steps"].node == origin


def test_values_without_names_are_said_to_be_missing():
    canvas = draft().link(1, 0, 3, "model")
    canvas.nodes[1]["type"] = "BrandNewLatent"
    found = extract(canvas.document())
    assert found.settings.width is None
    assert found.notes == ("note.workflow.values_without_names",)


def test_fields_that_the_file_names_itself_need_no_table():
    canvas = draft().link(1, 0, 3, "model")
    names = ("width", "height", "length", "batch_size")
    canvas.nodes[1] |= {
        "type": "BrandNewLatent",
        "inputs": [{"name": n, "link": None, "widget": {"name": n}} for n in names],
    }
    found = extract(canvas.document())
    assert (found.settings.width, found.settings.frames) == (832, 81)
    assert found.notes == ()


def test_values_written_by_name_are_read_by_name():
    canvas = draft().link(1, 0, 3, "model")
    canvas.nodes[5] |= {"type": "VHS_VideoCombine", "widgets_values": {"frame_rate": 30}}
    canvas.nodes[5]["inputs"] = [{"name": "images", "link": 3}]
    canvas.nodes[4]["mode"] = 2
    assert extract(canvas.document()).settings.fps == 30


def test_a_body_with_both_forms_is_read_from_the_prompt():
    prompt = json.loads((DATA / "text_to_video_wan.json").read_text())
    body = {"prompt": prompt, "extra_data": {"extra_pnginfo": {"workflow": draft().document()}}}
    assert extract(body).settings.steps == 30
