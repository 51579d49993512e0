"""Compiled loops. They lie outside runtime type checking, and their callers check what they are given."""
