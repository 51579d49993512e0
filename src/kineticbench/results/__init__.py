"""Records of what was run, and the folder that keeps them."""
