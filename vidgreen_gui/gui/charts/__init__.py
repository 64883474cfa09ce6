"""The live and the cumulative chart. Loaded after the first paint: pyqtgraph is slow to import."""
