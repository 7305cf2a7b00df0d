"""Claims to timelines to shifts. Pure."""
