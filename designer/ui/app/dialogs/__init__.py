"""The dialogs of the window. None of them changes the project but by an edit."""
