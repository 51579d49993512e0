"""What every solver promises, tried on small problems, and said in plain words where it does not hold."""
