"""What may be done to a project: pure functions `Project → Project`, each naming its undo step.

Every function returns an `Edit` and never raises on what a person can type: `Edit.problems` then says why, and
`Edit.project` is the unchanged project. Import the modules: ``from designer.edits import create, fields, remove``.
"""
