"""Where watts come from: NVML, a simulation, a recorded trace."""
