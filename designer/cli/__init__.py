"""The command line: thin calls into the packages below, printed by `present`."""
