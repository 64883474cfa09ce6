"""The parts of the window; each shows a moment and asks for nothing by itself."""
