"""Channels of delivery: how one message reaches one subscriber."""
