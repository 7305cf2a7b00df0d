"""Topic files (TOML) and their model: parties, channels, aliases. Pure."""

from monitor.topics.load import load_topic, load_topics
from monitor.topics.mentions import Mention, find_mentions, is_relevant
from monitor.topics.model import ANY, Channel, Party, Topic
from monitor.topics.others import Role

__all__ = [
    "ANY",
    "Channel",
    "Mention",
    "Party",
    "Role",
    "Topic",
    "find_mentions",
    "is_relevant",
    "load_topic",
    "load_topics",
]
