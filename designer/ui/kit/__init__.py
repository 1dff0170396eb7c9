"""The look of the program: tokens, fonts, icons, style sheet and the plain widgets that every panel is built from.

Nothing here knows Kubernetes objects, the session or the canvas; it only knows how things look and feel.
"""
