"""Ranking as pure functions: cost, frontier, intervals, tiers."""
