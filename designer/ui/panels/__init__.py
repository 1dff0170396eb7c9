"""The panels around the canvas. Each is a QWidget built from session, selection and player; none knows the canvas."""
