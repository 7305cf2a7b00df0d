"""Topic files (TOML) and their model: parties, channels, aliases. Pure."""
