"""Plans cells, runs them in workers and turns what happens into records."""
