"""The traps of real graphs, each in the smallest graph that has it."""

import pytest

from vidgreen_gui.workflows.extract import extract

LATENT = {"class_type": "EmptyHunyuanLatentVideo",
          "inputs": {"width": 832, "height": 480, "length": 81, "batch_size": 1}}  # fmt: skip


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


def link(key, slot=0):
    return [key, slot]


def graph(sampler, **others):
    """Return a graph around one sampler "s" that decodes and saves a video of 16 fps."""
    return {
        "m": node("UNETLoader", unet_name="wan/wan2.1_t2v_14B.safetensors", weight_dtype="default"),
        "latent": LATENT,
        "s": sampler,
        "d": node("VAEDecode", samples=link("s"), vae=link("v")),
        "c": node("CreateVideo", images=link("d"), fps=16.0),
        "o": node("SaveVideo", video=link("c"), filename_prefix="video/ComfyUI"),
        **others,
    }


def ksampler(**inputs):
    return node("KSampler", **{
        "model": link("m"), "latent_image": link("latent"), "steps": 20, "cfg": 6.0, "seed": 7,
        "sampler_name": "euler", "scheduler": "simple", "denoise": 1.0, **inputs})  # fmt: skip


def custom(**inputs):
    return node("SamplerCustomAdvanced", **{
        "noise": link("n"), "guider": link("g"), "sampler": link("k"), "sigmas": link("sig"),
        "latent_image": link("latent"), **inputs})  # fmt: skip


def dual(cfg, cfg2, style):
    return node(
        "DualCFGGuider", model=link("m"), cfg_conds=cfg, cfg_cond2_negative=cfg2, style=style
    )


def lora(name, strength=1):
    return node("LoraLoaderModelOnly", model=link("m"), lora_name=name, strength_model=strength)


def settings(prompt):
    return extract(prompt).settings


@pytest.mark.parametrize(
    ("start", "end", "ran"),
    [(0, 10, 10), (10, 10000, 10), (0, 10000, 20), (5, 8, 3), (30, 40, 0), (8, 5, 0)],
)
def test_an_advanced_sampler_runs_from_its_start_to_its_end(start, end, ran):
    sampler = ksampler(start_at_step=start, end_at_step=end)
    sampler["class_type"] = "KSamplerAdvanced"
    assert (settings(graph(sampler)).steps, settings(graph(sampler)).evaluations) == (ran, 2 * ran)


@pytest.mark.parametrize(("cfg", "calls"), [(1, 1), (1.0, 1), (1.01, 2), (6, 2), (0.5, 1)])
def test_guidance_above_one_calls_the_model_twice(cfg, calls):
    assert settings(graph(ksampler(cfg=cfg))).evaluations == 20 * calls


@pytest.mark.parametrize(
    ("guider", "calls"),
    [
        (node("BasicGuider", model=link("m"), conditioning=link("p")), 1),
        (node("CFGGuider", model=link("m"), cfg=1.0), 1),
        (node("CFGGuider", model=link("m"), cfg=3.5), 2),
        (dual(3, 2, "regular"), 3),
        (dual(3, 1, "regular"), 2),
        (dual(1, 1, "regular"), 1),
        (dual(1, 1, "nested"), 3),
        (node("LTXVDualCFGGuider", model=link("m"), video_cfg=1, audio_cfg=7), 2),
        ({"inputs": {"UNKNOWN": 1, "model": link("m"), "negative": link("q")}}, None),
    ],
)  # fmt: skip
def test_each_guider_has_its_calls_per_step(guider, calls):
    s = settings(graph(custom(), g=guider, sig=node("BasicScheduler", steps=12, denoise=1.0)))
    assert s.steps == 12
    assert s.evaluations == (None if calls is None else 12 * calls)
    assert s.model == "wan2.1_t2v_14B.safetensors"


@pytest.mark.parametrize(
    ("sigmas", "steps"),
    [
        ({"sig": node("ManualSigmas", sigmas="1.0, 0.9, 0.5, 0.0")}, 3),
        ({"sig": node("ManualSigmas", sigmas="")}, 0),
        ({"sig": node("LTXVScheduler", steps=30, latent=link("latent"))}, 30),
        ({"sig": node("BasicScheduler", steps=30, denoise=0.0)}, 0),
        ({"sig": node("SplitSigmas", sigmas=link("all"), step=4)}, 4),
        ({"sig": node("FlipSigmas", sigmas=link("all"))}, 20),
        ({"sig": node("SplitSigmasDenoise", sigmas=link("all"), denoise=0.25)}, 15),
        ({"sig": node("SomethingNew", curve=link("all"))}, None),
    ],
)
def test_steps_are_counted_in_the_schedule(sigmas, steps):
    guider = node("CFGGuider", model=link("m"), cfg=1)
    whole = node("BasicScheduler", steps=20, denoise=1.0)
    assert settings(graph(custom(), g=guider, all=whole, **sigmas)).steps == steps


def test_the_second_half_of_a_split_schedule():
    split = node("SplitSigmas", sigmas=link("all"), step=4)
    s = settings(
        graph(
            custom(sigmas=link("sig", 1)),
            g=node("CFGGuider", model=link("m"), cfg=1),
            sig=split,
            all=node("BasicScheduler", steps=20),
        )
    )
    assert s.steps == 16


def test_the_whole_of_a_wrapped_workflow_of_kijai_and_video_helper_suite():
    s = extract({
        "m": node("WanVideoModelLoader", model="Wan2_1-T2V-14B_fp8_e4m3fn.safetensors",
                  base_precision="bf16", quantization="fp8_e4m3fn", lora=link("l1")),
        "l0": node("WanVideoLoraSelect", lora="style.safetensors", strength=0.7),
        "l1": node("WanVideoLoraSelect", lora="Wan21_CausVid_14B.safetensors", strength=0.5,
                   prev_lora=link("l0")),
        "b": node("WanVideoSetBlockSwap", model=link("m"), block_swap_args=link("x")),
        "e": node("WanVideoEmptyEmbeds", width=832, height=480, num_frames=81),
        "t": node("WanVideoTeaCache", rel_l1_thresh=0.25, start_step=1, end_step=-1),
        "s": node("WanVideoSampler", model=link("b"), image_embeds=link("e"), steps=30, cfg=6.0,
                  shift=5.0, seed=3, scheduler="unipc", denoise_strength=1.0, start_step=0,
                  end_step=-1, cache_args=link("t")),
        "d": node("WanVideoDecode", vae=link("v"), samples=link("s")),
        "r": node("RIFE VFI", ckpt_name="rife47.pth", frames=link("d"), multiplier=2),
        "u": node("ImageUpscaleWithModel", upscale_model=link("um"), image=link("r")),
        "um": node("UpscaleModelLoader", model_name="2x_Compact.pth"),
        "o": node("VHS_VideoCombine", images=link("u"), frame_rate=32, filename_prefix="hero/walk"),
    })  # fmt: skip
    assert (s.settings.width, s.settings.height, s.settings.frames, s.settings.fps) == (
        1664,
        960,
        161,
        32,
    )
    assert (s.settings.steps, s.settings.evaluations, s.settings.cache) == (30, 60, "TeaCache")
    assert s.settings.precision == "fp8_e4m3fn"
    assert [(one.name, one.strength) for one in s.settings.loras] == [
        ("style.safetensors", 0.7), ("Wan21_CausVid_14B.safetensors", 0.5)]  # fmt: skip
    (only,) = s.settings.samplers
    assert (only.width, only.height, only.frames) == (832, 480, 81)
    assert s.hints.output_prefix == "walk"
    assert s.hints.subfolder == "hero"


def test_loras_that_are_off_or_weigh_nothing_do_not_count():
    power = {
        "lora_1": {"on": True, "lora": "a.safetensors", "strength": 1.0},
        "lora_2": {"on": False, "lora": "b.safetensors", "strength": 1.0},
        "lora_3": {"on": True, "lora": "None", "strength": 1.0},
    }
    s = settings(
        graph(
            ksampler(model=link("p")),
            p=node("Power Lora Loader (rgthree)", model=link("l"), **power),
            l=lora("c.safetensors", 0),
            unused=lora("d.safetensors"),
        )
    )
    assert [one.name for one in s.loras] == ["a.safetensors"]


@pytest.mark.parametrize(
    ("class_type", "cache"),
    [("EasyCache", "EasyCache"), ("LazyCache", "LazyCache"), ("TeaCache", "TeaCache"),
     ("MagCache", "MagCache"), ("ModelSamplingSD3", None)],
)  # fmt: skip
def test_a_cache_counts_on_the_live_branch(class_type, cache):
    cached = node(class_type, model=link("m"))
    assert settings(graph(ksampler(model=link("x")), x=cached)).cache == cache
    assert settings(graph(ksampler(), x=cached)).cache is None


@pytest.mark.parametrize("on", [True, False])
def test_only_the_live_branch_of_a_switch_counts(on):
    prompt = graph(
        ksampler(model=link("sw"), steps=link("n"), cfg=link("f")),
        flag=node("PrimitiveBoolean", value=on),
        sw=node("ComfySwitchNode", switch=link("flag"), on_false=link("m"), on_true=link("l")),
        l=lora("x_4steps.safetensors"),
        n=node("ComfySwitchNode", switch=link("flag"), on_false=30, on_true=4),
        f=node("easy ifElse", boolean=link("flag"), on_false=6.0, on_true=1.0),
    )  # fmt: skip
    found = extract(prompt)
    assert (found.settings.steps, found.settings.evaluations) == ((4, 4) if on else (30, 60))
    assert len(found.settings.loras) == on
    assert found.origins["steps"].input == ("on_true" if on else "on_false")


@pytest.mark.parametrize(
    ("maker", "slot", "value"),
    [
        (node("PrimitiveInt", value=24), 0, 24),
        (node("PrimitiveString", value="24"), 0, 24),
        (node("INTConstant", value=24), 0, 24),
        (node("StringToInt", string="24"), 0, 24),
        (node("ComfyNumberConvert", value=24.7), 1, 24),
        (node("ComfyMathExpression", expression="floor(a*4.6)+1", **{"values.a": 5}), 1, 24),
        (node("MathExpression|pysssh", expression="a*2", a=12), 0, 24),
        (node("Reroute", **{"": ["deep", 0]}), 0, 24),
        (node("WanCameraEmbedding", width=1, height=2, length=24), 3, 24),
        (node("ComfyMathExpression", expression="a*", **{"values.a": 5}), 1, None),
        (node("SomethingNew", value=24, other=1), 0, None),
    ],
)  # fmt: skip
def test_a_setting_is_found_behind_links(maker, slot, value):
    prompt = graph(ksampler(steps=link("x", slot)), x=maker, deep=node("PrimitiveInt", value=24))
    assert settings(prompt).steps == value


def test_a_computed_value_has_no_origin_and_a_handed_on_one_keeps_its_own():
    twice = node("ComfyMathExpression", expression="a*2", **{"values.a": link("n")})
    same = node("ComfyMathExpression", expression=" a ", **{"values.a": link("n")})
    number = node("PrimitiveInt", value=10)
    assert "steps" not in extract(graph(ksampler(steps=link("x", 1)), x=twice, n=number)).origins
    assert (
        extract(graph(ksampler(steps=link("x", 1)), x=same, n=number)).origins["steps"].node == "n"
    )


@pytest.mark.parametrize(
    ("between", "size"),
    [
        (node("ImageScale", image=link("d"), width=1280, height=720), (1280, 720, 81)),
        (node("ImageScale", image=link("d"), width=1664, height=0), (1664, 960, 81)),
        (node("ImageScaleBy", image=link("d"), scale_by=1.5), (1248, 720, 81)),
        (node("ResizeImageMaskNode", input=link("d"), resize_type="scale longer dimension",
              **{"resize_type.longer_size": 416}), (416, 240, 81)),
        (node("FrameInterpolate", images=link("d"), multiplier=4), (832, 480, 321)),
        (node("ImageFromBatch", image=link("d"), batch_index=1, length=4096), (832, 480, 80)),
        (node("ImageFromBatch", image=link("d"), batch_index=link("?")), (832, 480, None)),
        (node("RepeatImageBatch", image=link("d"), amount=2), (832, 480, 162)),
        (node("ImageBatch", image1=link("d"), image2=link("d")), (832, 480, 162)),
        (node("ImageStitch", image1=link("d"), image2=link("d")), (None, None, 81)),
        (node("ImageUpscaleWithModel", image=link("d")), (None, None, 81)),
        (node("ColorMatch", image=link("d"), strength=0.5), (832, 480, 81)),
    ],
)  # fmt: skip
def test_the_clip_has_the_size_of_what_is_saved_and_the_pass_its_own(between, size):
    prompt = graph(ksampler(), b=between)
    prompt["c"]["inputs"]["images"] = link("b")
    s = settings(prompt)
    assert (s.width, s.height, s.frames) == size
    assert s.samplers[0].frames == 81


def test_the_second_pass_works_on_the_enlarged_latent():
    s = settings(
        graph(
            ksampler(latent_image=link("up"), seed=8),
            up=node("LTXVLatentUpsampler", samples=link("first"), upscale_model=link("um")),
            um=node("LatentUpscaleModelLoader", model_name="ltx-2-spatial-upscaler-x2-1.0.pt"),
            first=ksampler(),
        )
    )  # fmt: skip
    assert [(p.seed, p.width, p.height) for p in s.samplers] == [(7, 832, 480), (8, 1664, 960)]
    assert (s.width, s.height, s.seed, s.steps) == (1664, 960, 7, 40)


def test_passes_come_in_the_order_they_run_whatever_their_ids():
    prompt = graph(ksampler(latent_image=link("zz"), seed=2), zz=ksampler(seed=1))
    reversed_prompt = dict(reversed(prompt.items()))
    for each in (prompt, reversed_prompt):
        assert [one.seed for one in settings(each).samplers] == [1, 2]


def test_a_video_goes_before_a_picture_and_a_preview():
    prompt = graph(
        ksampler(),
        still=node("SaveImage", images=link("first"), filename_prefix="still"),
        first=node("ImageFromBatch", image=link("d"), batch_index=0, length=1),
        look=node("PreviewImage", images=link("d")),
    )
    found = extract(prompt)
    assert (found.settings.frames, found.settings.fps) == (81, 16)
    assert found.save_nodes == ("o", "still")


def test_what_nothing_saves_does_not_count():
    prompt = graph(ksampler(), lost=ksampler(seed=99, latent_image=link("latent")))
    assert [one.seed for one in settings(prompt).samplers] == [7]


def test_an_unknown_sampler_is_known_by_its_inputs():
    s = settings(
        graph(node("HyVideoSampler", model=link("m"), hyvid_embeds=link("e"), width=960, height=544,
                   num_frames=97, steps=30, embedded_guidance_scale=6.0, seed=5))
    )  # fmt: skip
    assert (s.steps, s.evaluations, s.width, s.frames, s.seed) == (30, 30, 960, 97, 5)


@pytest.mark.parametrize(
    ("partner", "is_one"),
    [
        (node("KlingTextToVideoNode", prompt="x"), True),
        (node("MinimaxTextToVideoNode", prompt_text="x"), True),
        (node("RunwayImageToVideoNodeGen4", prompt="x"), True),
        (node("Veo3VideoGenerationNode", prompt="x"), True),
        (node("WanTextToVideoApi", prompt="x"), True),
        (node("LtxvApiTextToVideo", prompt="x"), True),
        (node("PikaImageToVideoNode2_2", prompt="x"), True),
        (node("LumaVideoNode", prompt="x"), True),
        (node("WanImageToVideo", vae=link("v"), width=832), False),
        (node("LTXVImgToVideo", vae=link("v"), width=832), False),
        (node("LoadVideo", file="x.mp4"), False),
        (node("KlingLocalSampler", model=link("m")), False),
    ],
)
def test_partner_nodes_are_told_from_local_ones(partner, is_one):
    prompt = {"p": partner, "o": node("SaveVideo", video=link("p"), filename_prefix="x")}
    assert extract(prompt).partner_nodes == (("p",) if is_one else ())


def test_prompts_are_texts_words_and_a_hash():
    prompt = graph(
        ksampler(positive=link("p"), negative=link("q")),
        p=node("CLIPTextEncode", text=link("t"), clip=link("cl")),
        t=node("PrimitiveStringMultiline", value="A red fox, running."),
        q=node("CLIPTextEncode", text="blurry", clip=link("cl")),
    )
    found = extract(prompt)
    assert found.texts == ("A red fox, running.", "blurry")
    assert found.hints.prompt_words == {"a", "red", "fox", "running"}
    again = extract(prompt | {"q": node("CLIPTextEncode", text="dull", clip=link("cl"))})
    assert again.hints.prompt_sha256 != found.hints.prompt_sha256
    assert "fox" not in repr(found.settings)


def test_the_start_image_goes_before_other_pictures():
    prompt = graph(
        ksampler(latent_image=link("i2v", 2)),
        i2v=node("WanImageToVideo", width=832, height=480, length=81, start_image=link("scaled"),
                 clip_vision_output=link("cv")),
        cv=node("CLIPVisionEncode", image=link("style")),
        style=node("LoadImage", image="style.png"),
        scaled=node("ImageScale", image=link("start"), width=832, height=480),
        start=node("LoadImage", image="shots/start_010.png [input]"),
    )  # fmt: skip
    found = extract(prompt)
    assert found.hints.start_image == "shots/start_010.png"
    assert (found.settings.frames, found.settings.seconds) == (81, 81 / 16)
