"""The HTTP interface; so far liveness, status, timeline and alerts as JSON."""
