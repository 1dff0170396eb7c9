"""What a person does on the canvas. `controller.CanvasGestures` makes a view editable; each gesture is a small object.

A gesture has a start, moves, and a finish or a cancel; only the finish changes the project, by one edit.
"""
