"""Article and topic to claims: how text becomes evidence. Pure."""
