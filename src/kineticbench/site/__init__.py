"""The leaderboard: terminal table, Markdown and static pages."""
