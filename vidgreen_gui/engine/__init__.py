"""Recording: the sampler, the ledger of iterations, the mailbox to the window."""
