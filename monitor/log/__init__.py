"""The event log: its vocabulary (pure), and Redis Streams that hold it."""
