"""The application: its window, the one table of actions, files, settings and dialogs; here the parts meet."""
