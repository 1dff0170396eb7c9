"""A request followed through a cluster: every hop of it and of its reply, each with what decided and why."""
