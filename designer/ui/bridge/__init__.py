"""The project being worked on, as Qt objects: session, selection, trace player and background jobs.

Canvas and panels know each other only through these. Signals carry plain frozen values.
"""
