"""ComfyUI graphs: read them, extract their settings, apply a change. Pure."""
