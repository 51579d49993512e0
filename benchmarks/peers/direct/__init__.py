"""Methods written down as their papers describe them, without any of what makes ours fast."""
