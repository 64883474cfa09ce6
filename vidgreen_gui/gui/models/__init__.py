"""Qt item models over frozen facts."""
