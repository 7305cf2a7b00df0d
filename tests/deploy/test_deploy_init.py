"""deploy/init makes each secret once, as a file that only its folder's owner reaches, and tells none."""

import hashlib
import os
import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

TOP = Path(__file__).parents[2]
ROLES = ("ingest", "watch", "notify", "api", "backup")
NEEDED = (
    "sh",
    "dirname",
    "mkdir",
    "chmod",
    "od",
    "tr",
    "cat",
    "mv",
    "sed",
    "grep",
    "sha256sum",
    "head",
    "base64",
)
SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]


def init(
    folder: Path, shell: str = "sh", script: Path = TOP / "deploy/init"
) -> "subprocess.CompletedProcess[str]":
    command = [shell, "sh"] if shell == "busybox" else [shell]
    return subprocess.run([*command, script, folder], capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}


def password(address: str) -> str:
    found = re.fullmatch(r"\w+://\w+:([0-9a-f]{64})@\w+(:6379)?/\w+\n", address)
    assert found, address
    return found[1]


@pytest.mark.parametrize("shell", SHELLS)
def test_doing_it_again_changes_nothing(tmp_path: Path, shell: str) -> None:
    first = init(tmp_path / "made", shell)
    assert (first.returncode, first.stderr) == (0, "")
    before = contents(tmp_path / "made")
    again = init(tmp_path / "made", shell)
    assert (again.returncode, again.stderr) == (0, "")
    assert contents(tmp_path / "made") == before
    assert "made: nothing" in again.stdout
    assert (
        f"kept: {' '.join(before)}".split().sort() == re.findall(r"kept:.*", again.stdout)[0].split().sort()
    )


def test_what_it_says_names_every_file_and_holds_no_secret(tmp_path: Path) -> None:
    said = init(tmp_path).stdout
    made = set(re.findall(r"made: (.*)", said)[0].split())
    assert made == contents(tmp_path).keys()
    for name, words in contents(tmp_path).items():
        if words:
            assert words.strip() not in said, name
    assert not re.search(r"[0-9a-f]{32}", said)


def test_only_the_owner_of_the_folder_reaches_what_containers_of_any_user_may_read(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in secrets.iterdir()}
    to_fill_in = {"smtp-password", "heartbeat-url"}
    assert modes == {name: 0o644 if name in to_fill_in else 0o444 for name in modes}


def test_each_login_has_a_password_of_its_own_that_redis_knows_by_its_hash(secrets: Path) -> None:
    made = contents(secrets)
    logins = {role: password(made[f"redis-url-{role}"]) for role in ROLES} | {
        "health": made["redis-health"].strip()
    }
    assert len(set(logins.values())) == len(logins)
    known = dict(
        re.findall(r"^user (\w+) on #([0-9a-f]{64}) resetchannels -@all ", made["redis.acl"], re.MULTILINE)
    )
    assert known == {role: hashlib.sha256(words.encode()).hexdigest() for role, words in logins.items()}
    assert not re.search(r"@\w+@", made["redis.acl"]), "every place is filled in"


def test_the_addresses_of_the_database_and_the_key_fit_what_they_open(secrets: Path) -> None:
    made = contents(secrets)
    assert password(made["database-admin-url"]) == made["postgres-password"].strip()
    assert len({password(made[f"database-{login}url"]) for login in ("", "admin-", "reader-")}) == 3
    Fernet(made["parley-key"].strip())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(secrets / "tls.crt", secrets / "tls.key")


def test_what_an_operator_brought_stays(tmp_path: Path) -> None:
    (tmp_path / "parley-key").write_text(key := Fernet.generate_key().decode() + "\n")
    (tmp_path / "redis-url-watch").write_text(address := "redis://watch:" + "ab" * 32 + "@redis:6379/0\n")
    assert init(tmp_path).returncode == 0
    made = contents(tmp_path)
    assert (made["parley-key"], made["redis-url-watch"]) == (key, address)
    assert hashlib.sha256(("ab" * 32).encode()).hexdigest() in made["redis.acl"]


def test_the_rules_of_a_new_version_reach_redis_with_the_passwords_as_they_are(tmp_path: Path) -> None:
    deploy, made = tmp_path / "deploy", tmp_path / "made"
    deploy.mkdir()
    for name in ("init", "redis.acl"):
        shutil.copy2(TOP / "deploy" / name, deploy)
    init(made, script=deploy / "init")
    before, inode = contents(made), (made / "redis.acl").stat().st_ino
    rules = (deploy / "redis.acl").read_text().replace("+scan", "+scan +time")
    (deploy / "redis.acl").write_text(rules)
    again = init(made, script=deploy / "init")
    assert "docker compose restart redis" in again.stdout
    after = contents(made)
    assert after.pop("redis.acl") == before.pop("redis.acl").replace("+scan", "+scan +time")
    assert after == before
    assert (made / "redis.acl").stat().st_ino == inode, "a container that has it mounted sees it"


@pytest.mark.parametrize(
    ("name", "words"), [("redis-url-api", "redis://redis:6379/0\n"), ("redis-url-api", "")]
)
def test_an_address_without_a_password_is_refused_with_what_to_do(
    tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / name).write_text(words)
    done = init(tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"deploy/init: .*redis-url-api holds no address .*; remove it .*\n", done.stderr)


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tls.crt").write_text("a certificate")
    done = init(tmp_path)
    assert done.returncode == 1
    assert "of tls.crt and tls.key one is missing" in done.stderr
    assert (tmp_path / "tls.crt").read_text() == "a certificate"


def test_without_openssl_all_else_is_made(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name) or "")
    done = subprocess.run(
        ["sh", TOP / "deploy/init", tmp_path / "made"],
        env={**os.environ, "PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no openssl here" in done.stdout
    assert {"parley-key", "redis.acl"} <= contents(tmp_path / "made").keys()
    assert "tls.crt" not in contents(tmp_path / "made")
