"""Settings: where they come from, which wins, and how a wrong one is named."""

import tomllib
from pathlib import Path

import pytest

from monitor.errors import SettingsError
from monitor.service.settings import Section, Settings, load_settings, variables
from monitor.sources.config import SourceConfig

EXAMPLE = Path(__file__).parents[2] / "deploy" / "parley.example.toml"


def keys_of(table: dict[str, object]) -> set[str]:
    """`dashboard.port` and the like, for every plain setting of a table."""
    found = set()
    for key, value in table.items():
        found |= {f"{key}.{inner}" for inner in value} if isinstance(value, dict) else {key}
    return found


def test_the_example_names_every_setting_and_its_default() -> None:
    example = tomllib.loads(EXAMPLE.read_text())
    example["data"] = str(Settings().data)
    plain = {key: value for key, value in example.items() if key not in {"sources", "subscriptions"}}
    expected = {".".join(keys) for _, keys in variables()}
    assert keys_of(plain) == expected
    assert Settings.model_validate(plain) == Settings()


def test_the_example_is_valid_and_names_every_key_of_a_source() -> None:
    settings = load_settings(EXAMPLE, environ={})
    assert [source.kind for source in settings.sources] == ["feed", "search", "folder"]
    kinds = [subscription.kind for subscription in settings.subscriptions]
    assert kinds == ["webhook", "email", "chat", "file", "console", "email"]
    named = {key for source in tomllib.loads(EXAMPLE.read_text())["sources"] for key in source}
    assert named == set(SourceConfig.model_fields)


def test_the_environment_wins_over_the_file_and_the_option_over_both(tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    config.write_text('data = "/from/file"\n[dashboard]\nport = 1000\n')
    environ = {"PARLEY_DASHBOARD_PORT": "2000", "PARLEY_DATA": "/from/environment"}
    assert load_settings(config, environ={}).dashboard.port == 1000
    assert load_settings(config, environ=environ).dashboard.port == 2000
    assert load_settings(config, environ=environ).data == Path("/from/environment")
    assert load_settings(config, tmp_path, environ=environ).data == tmp_path


def test_a_list_in_the_environment_is_separated_by_commas() -> None:
    assert load_settings(environ={"PARLEY_TOPICS": "pti, docks"}).topics == ("pti", "docks")


def test_a_secret_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    settings = load_settings(environ={"PARLEY_SMTP_PASSWORD_FILE": str(secret)})
    assert settings.smtp.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_the_file_that_the_environment_names_is_read(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text("seeds = false\n")
    assert load_settings(environ={"PARLEY_CONFIG": str(config)}).seeds is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("topics = 3\n", "line 1: topics"),
        ('topics = "pti"\n', """line 1: topics: expected a list, as in ["...", "..."], not 'pti'"""),
        ("data = 3\n", "line 1: data: expected a path in quotes, not 3"),
        ("[api]\nport = 'x'\n", "line 2: api.port: expected a whole number, not 'x'"),
        ("seeds = 'x'\n", "line 1: seeds: expected true or false, not 'x'"),
        ("dashboard = 8501\n", "line 1: dashboard: expected a table of keys, not 8501"),
        ("[[sources]]\nurl = 'https://a.example'\n", "line 1: sources[1].id: expected a value"),
        ("[[sources]]\nid = 'a'\n", "line 1: sources[1]: a feed has a url, and no path"),
        ("\n\ncolour = 'red'\n", "line 3: there is no setting 'colour'"),
        ("[dashboard]\nhost = 'x'\nport = 70000\n", "line 3: dashboard.port"),
        ("[smtp]\nsecurity = 'maybe'\n", "line 2: smtp.security"),
        ("[[sources]]\nid = 'a'\n", "sources"),
        ("topics = [\n", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    config = tmp_path / "parley.toml"
    config.write_text(text)
    with pytest.raises(SettingsError) as error:
        load_settings(config, environ={})
    assert expected in str(error.value)
    assert str(config) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    config.write_text(
        '[[subscriptions]]\nid = "a"\nkind = "webhook"\nurl = "https://x.example/token123"\nsecret = "pw456"\n'
    )
    with pytest.raises(SettingsError) as error:
        load_settings(config, environ={})
    assert "token123" not in str(error.value)
    assert "pw456" not in str(error.value)


def test_files_of_sources_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    config = tmp_path / "sub" / "parley.toml"
    config.parent.mkdir()
    config.write_text('source_files = ["more.toml", "/etc/sources.toml"]\n')
    settings = load_settings(config, environ={})
    assert settings.source_files == (config.parent / "more.toml", Path("/etc/sources.toml"))
    assert settings.file == config
    environ = {"PARLEY_SOURCE_FILES": "a.toml, b.toml"}
    assert load_settings(environ=environ).source_files == (Path("a.toml"), Path("b.toml"))


def test_the_value_of_a_header_is_not_shown_when_it_is_wrong(tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    source = '[[sources]]\nid = "a"\nurl = "https://a.example/"\n'
    for headers in ("{ X-Key = 12345 }", '{ "X Y" = "12345" }', '"12345"'):
        config.write_text(f"{source}headers = {headers}\n")
        with pytest.raises(SettingsError, match=r"parley\.toml, line [14]: sources\[1\]") as error:
            load_settings(config, environ={})
        assert "12345" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        load_settings(tmp_path / "nowhere.toml", environ={})


def test_every_section_refuses_what_it_does_not_know() -> None:
    sections = [
        field.annotation
        for field in Settings.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    ]
    assert len(sections) >= 5
    for section in sections:
        assert section.model_config["extra"] == "forbid"


@pytest.mark.parametrize("address", ["nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_requests_to_unsubscribe_go_to_one_mailbox(address: str) -> None:
    with pytest.raises(SettingsError, match="expected one address"):
        load_settings(environ={"PARLEY_SMTP_UNSUBSCRIBE": address})
