"""Energy from samples: integration, attribution, ranges, footprints. Pure; numpy at most."""
