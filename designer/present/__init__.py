"""Results as plain rows, texts and JSON values, shared by the window and the command line. No Qt."""
