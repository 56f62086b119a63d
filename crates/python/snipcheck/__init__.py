"""What comes with the executable: `python -m snipcheck`, and a plugin for pytest."""
