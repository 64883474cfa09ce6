"""Names the values of a node in a saved workflow, where they stand in a row without names.

The order of a node's fields is a fact of its interface. Files of 2025 and later name them; for
older ones this table has the nodes that settings stand in. Fields are only ever added at the end,
so a row may be shorter than the table says, never the other way round.
"""

from collections.abc import Mapping, Sequence

# What the browser writes after a seed: how it changes from run to run.
_CONTROLS = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
_SEEDS = ("seed", "noise_seed", "value")

# Fields in their order, then the node classes that have them.
_TABLE = """
scheduler steps denoise: BasicScheduler
steps alpha beta: BetaSamplingScheduler
low_threshold high_threshold: Canny
cfg: CFGGuider, DualModelGuider
cfg start_percent end_percent: CFGOverride
ckpt_name: CheckpointLoaderSimple, ImageOnlyCheckpointLoader
clip_name type device: CLIPLoader
text: CLIPTextEncode
crop: CLIPVisionEncode
clip_name: CLIPVisionLoader
expression: ComfyMathExpression
switch: ComfySwitchNode
width height length batch_size: CosmosImageToVideoLatent, CosmosPredict2ImageToVideoLatent,
  EmptyCosmosLatentVideo, EmptyHunyuanLatentVideo, EmptyHunyuanVideo15Latent,
  EmptyLTXVLatentVideo, EmptyMochiLatentVideo, HunyuanVideo15ImageToVideo,
  Kandinsky5ImageToVideo, Wan22FunControlToVideo, Wan22ImageToVideoLatent,
  WanCameraImageToVideo, WanFirstLastFrameToVideo, WanFunControlToVideo, WanFunInpaintToVideo,
  WanHuMoImageToVideo, WanImageToVideo, WanPhantomSubjectToVideo, WanSoundImageToVideo
fps bit_depth: CreateVideo
cfg_conds cfg_cond2_negative style: DualCFGGuider
clip_name1 clip_name2 type device: DualCLIPLoader
reuse_threshold start_percent end_percent: EasyCache, LazyCache
width height batch_size color: EmptyImage
width height batch_size: EmptyLatentImage, EmptySD3LatentImage
steps width height: Flux2Scheduler, Ideogram4Scheduler
guidance: FluxGuidance
multiplier: FrameInterpolate
width height length batch_size guidance_type: HunyuanImageToVideo
upscale_method width height crop: HunyuanVideo15LatentUpscaleWithModel, ImageScale,
  LatentUpscale
batch_index length: ImageFromBatch
upscale_method scale_by: ImageScaleBy, LatentUpscaleBy
upscale_method largest_size: ImageScaleToMaxDimension
upscale_method megapixels: ImageScaleToTotalPixels
direction match_image_size: ImageStitch
seed steps cfg sampler_name scheduler denoise: KSampler
add_noise noise_seed steps cfg sampler_name scheduler start_at_step end_at_step
  return_with_leftover_noise: KSamplerAdvanced
sampler_name: KSamplerSelect
dim: LatentConcat
dim index amount: LatentCut
model_name: LatentUpscaleModelLoader, UpscaleModelLoader
audio: LoadAudio
image: LoadImage
file: LoadVideo
lora_name strength_model strength_clip: LoraLoader
lora_name strength_model: LoraLoaderModelOnly
frame_idx strength: LTXVAddGuide
frame_rate: LTXVConditioning
video_cfg audio_cfg: LTXVDualCFGGuider
frames_number frame_rate batch_size: LTXVEmptyLatentAudio
width height length batch_size strength: LTXVImgToVideo, WanVaceToVideo
strength bypass: LTXVImgToVideoInplace
img_compression: LTXVPreprocess
steps max_shift base_shift stretch terminal: LTXVScheduler
sigmas: ManualSigmas
shift: ModelSamplingAuraFlow, ModelSamplingSD3
model_type steps denoise: OptimalStepsScheduler
value: PrimitiveBoolean, PrimitiveFloat, PrimitiveInt, PrimitiveString, PrimitiveStringMultiline
noise_seed: RandomNoise
amount: RepeatImageBatch
target_width target_height: ResizeAndPadImage
aspect_ratio megapixels multiple: ResolutionSelector
ckpt_name clear_cache_after_n_frames multiplier: RIFE VFI
add_noise noise_seed cfg: SamplerCustom
filename_prefix fps lossless quality method: SaveAnimatedWEBP
filename_prefix: SaveImage
filename_prefix format codec: SaveVideo
filename_prefix codec fps crf: SaveWEBM
steps denoise: SDTurboScheduler
step: SplitSigmas
denoise: SplitSigmasDenoise
width height video_frames motion_bucket_id fps: SVD_img2vid_Conditioning
unet_name weight_dtype: UNETLoader
unet_name: UnetLoaderGGUF
tile_size overlap temporal_size temporal_overlap: VAEDecodeTiled, VAEEncodeTiled
vae_name: VAELoader
start_time duration strict_duration: Video Slice
min_cfg: VideoLinearCFGGuidance
width height length batch_size continue_motion_max_frames video_frame_offset: WanAnimateToVideo
camera_pose width height length: WanCameraEmbedding
length: WanSoundImageToVideoExtend
tracks width height length batch_size: WanTrackToVideo
width height num_frames: WanVideoEmptyEmbeds
lora strength: WanVideoLoraSelect
model base_precision quantization load_device attention_mode: WanVideoModelLoader
steps cfg shift seed force_offload scheduler riflex_freq_index denoise_strength: WanVideoSampler
"""
# A choice that brings its own fields, named after it, before the fields that follow.
_RESIZE_FIELDS = {
    "scale dimensions": "width height crop",
    "scale by multiplier": "multiplier",
    "scale longer dimension": "longer_size",
    "scale shorter dimension": "shorter_size",
    "scale width": "width",
    "scale height": "height",
    "scale total pixels": "megapixels",
    "scale to multiple": "multiple",
    "match size": "crop",
}


def _read_table(table: str) -> dict[str, list[str]]:
    orders: dict[str, list[str]] = {}
    for line in table.strip().replace("\n  ", " ").splitlines():
        fields, _, classes = line.partition(": ")
        orders |= dict.fromkeys(classes.split(", "), fields.split())
    return orders


_ORDERS = _read_table(_TABLE)


def named_values(
    kind: str, slots: Sequence[Mapping[str, object]], values: object
) -> dict[str, object] | None:
    """Return the values of a node of class `kind` by name, None where they cannot be named.

    `slots` are its inputs as saved; those that stand for a field say so under `widget`.
    """
    if isinstance(values, Mapping):
        return {str(name): value for name, value in values.items()}
    if not isinstance(values, list) or not values:
        return {}
    names = _known_order(kind, values)
    if names is not None:
        return _pair(names, values)[0]
    shown = [str(slot.get("name")) for slot in slots if slot.get("widget")]
    named, left = _pair(shown, values)
    return named if left == 0 and len(named) == len(shown) else None


def _known_order(kind: str, values: list[object]) -> list[str] | None:
    if kind == "ResizeImageMaskNode":
        way = values[0] if isinstance(values[0], str) else ""
        own = [f"resize_type.{name}" for name in _RESIZE_FIELDS.get(way, "").split()]
        return ["resize_type", *own]
    return _ORDERS.get(kind)


def _pair(names: Sequence[str], values: list[object]) -> tuple[dict[str, object], int]:
    """Return names with their values, and how many values are left over."""
    named: dict[str, object] = {}
    at = 0
    for name in names:
        if at >= len(values):
            break
        named[name] = values[at]
        at += 1
        if name in _SEEDS and at < len(values) and values[at] in _CONTROLS:
            at += 1
    return named, len(values) - at
