"""What subscribers entrust to Parley, sealed: addresses and secrets are encrypted at rest, links are signed.

The key comes from a file of its own, so a copy of the database alone tells nobody's address. Several keys in it, one a
line, are a rotation: the first one seals, every one opens.
"""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import URLSafeSerializer

from monitor.errors import SettingsError

KEY_FILE = "parley.key"
"""The key's file in the data folder, where the settings name no other."""


class Vault:
    """Seals and opens words, and makes signers of links. Threads may share it.

    Args:
        keys: the key file's text: Fernet keys (URL-safe base64 of 32 bytes), one a line, newest first.

    Raises:
        SettingsError: there is none, or one that is no key (the message does not show it).
    """

    def __init__(self, keys: str) -> None:
        self._keys = keys.split()
        try:
            self._sealer = MultiFernet([Fernet(key) for key in self._keys])
        except ValueError as error:
            raise SettingsError(
                "the key for subscribers' data is no key: expected the URL-safe base64 of 32 random bytes, one a line, "
                'as made by: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
            ) from error

    def seal(self, words: str) -> str:
        """The words, encrypted with the newest key."""
        return self._sealer.encrypt(words.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed with any of the keys.

        Raises:
            SettingsError: it was sealed with another key, or was changed.
        """
        try:
            return self._sealer.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SettingsError(
                "what subscribers entrusted to Parley was sealed with another key: give the key file of that time "
                f"(PARLEY_KEY_FILE, or {KEY_FILE} in the data folder), or subscribe them anew"
            ) from error

    def mark(self, words: str) -> str:
        """Hex digits by which the same words are found again; without the oldest key they tell nothing."""
        return hmac.new(self._keys[-1].encode(), words.encode(), hashlib.sha256).hexdigest()[:32]

    def signer(self, purpose: str) -> URLSafeSerializer:
        """Signs what stands in a link: the same words give the same link, so a repeated mail is the same mail.

        What was signed for one purpose is refused for another.
        """
        oldest_first = [hashlib.sha256(key.encode()).digest() for key in reversed(self._keys)]
        return URLSafeSerializer(oldest_first, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})


def open_vault(folder: Path, keys: str = "") -> Vault:
    """The vault with the keys of the settings, else with the one in the data folder, which is made at the first time.

    Raises:
        SettingsError: the key is none, or its file cannot be read or made.
    """
    if keys:
        return Vault(keys)
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(path)
        return Vault(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read or make the key file {path}: {error}") from error


def _make(path: Path) -> None:
    """Put a new key there, readable by its owner alone, unless there is one; whole at once, whoever else does it."""
    if path.exists():
        return
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(mine, path)
    except FileExistsError:
        pass  # another process was faster; its key holds
    finally:
        mine.unlink()
