"""VidGreen: watts, energy and CO2e of generative video, per clip and per iteration."""

__version__ = "0.1.0"
