"""Watching ComfyUI servers from outside, without touching the user's queue."""
