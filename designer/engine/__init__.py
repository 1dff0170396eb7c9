"""The simulation, pure: what the control plane would do, what each node would hold, what happens to a packet."""
