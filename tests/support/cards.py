"""Two cards with the figures of the shipped table."""

from dataclasses import replace

from vidgreen_gui.advice.cards import GpuCard
from vidgreen_gui.model.footprint import Grade

H100 = GpuCard(
    name="H100 SXM5 80GB", segment="datacentre/pro", arch="Hopper", tdp_w=700, memory_gb=80,
    bf16_tflop_per_s=989, min_limit_w=200, max_limit_w=700, idle_w=72, source="test", year=2025,
    licence="MIT", grade=Grade.HARDWARE_TIME,
)  # fmt: skip
RTX_4090 = replace(
    H100, name="GeForce RTX 4090", segment="consumer", arch="Ada", tdp_w=450, memory_gb=24,
    bf16_tflop_per_s=165.2, max_limit_w=600,
)  # fmt: skip
