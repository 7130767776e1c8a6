"""What a user looks at: the study as a record, its leaderboard, and the live table."""
