"""A trace over the picture: where each hop is, the ways between them, the token, its cards and the end of it all.

`stops` says which things a packet visits, `stations` where those are, `router` and `lines` how a line gets from one to
the next, `course` joins them; the rest draws. `designer.ui.canvas.trace_layer` shows a player's trace with it.
"""
