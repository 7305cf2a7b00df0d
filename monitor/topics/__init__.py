"""Topic files (TOML) and their model: parties, channels, aliases. Pure."""

from monitor.topics.load import examine, examine_text, load_topic, load_topics, topic_files
from monitor.topics.mentions import Mention, find_in_article, find_mentions, is_relevant, relevance
from monitor.topics.model import ANY, Channel, Party, Topic
from monitor.topics.others import Role

__all__ = [
    "ANY",
    "Channel",
    "Mention",
    "Party",
    "Role",
    "Topic",
    "examine",
    "examine_text",
    "find_in_article",
    "find_mentions",
    "is_relevant",
    "load_topic",
    "load_topics",
    "relevance",
    "topic_files",
]
