"""Where watts come from: drivers, the kernel's files, plugs, a model, a trace, a simulation."""
