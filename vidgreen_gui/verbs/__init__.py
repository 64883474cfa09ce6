"""One module per use case: a frozen request in, a frozen answer out."""
