"""What a generation will cost and what would do it for less. Pure; numpy at most."""
