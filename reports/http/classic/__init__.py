"""The three unversioned calls."""
