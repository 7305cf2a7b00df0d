"""SQLModel tables, the projector and the queries that every screen reads."""
