"""Where iterations come from: ComfyUI, the spool of wrapped commands."""
