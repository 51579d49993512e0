"""What several plug-ins share: time loops, field solves, sums, starts, the cache. Imports the contracts only."""
