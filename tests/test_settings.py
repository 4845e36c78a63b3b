"""Settings come from one file and the environment, and show no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivigil.errors import ConfigurationError
from ivigil.settings import load_settings


def test_defaults_need_nothing(tmp_path: Path) -> None:
    """An empty home folder and environment give a SQLite file in the home folder and the shipped protocol."""
    settings = load_settings(tmp_path, {})
    assert settings.database == f"sqlite:///{tmp_path}/ivigil.sqlite3"
    assert settings.protocol == "ivig_ssc"
    assert settings.contact_email is None


def test_environment_wins_over_file(tmp_path: Path) -> None:
    """What the environment says overrides the file, source by source and field by field."""
    (tmp_path / "ivigil.toml").write_text(
        'sources = ["pubmed"]\n[source.pubmed]\nbase_url = "http://a"\napi_key = "filekey"\n', encoding="utf-8"
    )
    settings = load_settings(tmp_path, {"IVIGIL_PUBMED_BASE_URL": "http://b/x/", "IVIGIL_SOURCES": "pubmed, europepmc"})
    assert settings.sources == ("pubmed", "europepmc")
    assert settings.for_source("pubmed").base_url == "http://b/x"
    key = settings.for_source("pubmed").api_key
    assert key is not None
    assert key.get_secret_value() == "filekey"


def test_secrets_do_not_show(tmp_path: Path) -> None:
    """Neither the text form nor the dump of settings shows a key, a database password or a channel's address."""
    settings = load_settings(
        tmp_path,
        {
            "IVIGIL_PUBMED_API_KEY": "s3cret-key",
            "IVIGIL_NOTIFY": "mailto://u:s3cret-mail@example.org",
            "IVIGIL_DATABASE_URL": "postgresql://u:s3cret-db@h/x",
        },
    )
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert "s3cret" not in text


@pytest.mark.parametrize(
    ("environ", "field"),
    [
        ({"IVIGIL_PUBMED_BASE_URL": "ftp://x"}, "IVIGIL_PUBMED_BASE_URL"),
        ({"IVIGIL_CONTACT_EMAIL": "nobody"}, "IVIGIL_CONTACT_EMAIL"),
        ({"IVIGIL_STALE_AFTER_HOURS": "-1"}, "IVIGIL_STALE_AFTER_HOURS"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, environ: dict[str, str], field: str) -> None:
    """A setting that cannot be used is named by its variable, and its value is not repeated."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, environ)
    assert caught.value.field == field
    assert next(iter(environ.values())) not in str(caught.value)


def test_a_broken_file_is_named_by_line(tmp_path: Path) -> None:
    """A file that is not TOML is named with the line where reading it failed."""
    (tmp_path / "ivigil.toml").write_text('protocol = "x"\nsources = [\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path, {})
    assert caught.value.file == tmp_path / "ivigil.toml"
    assert caught.value.line is not None


def test_a_misspelt_setting_is_refused(tmp_path: Path) -> None:
    """A field that does not exist is an error, not a setting that silently does nothing."""
    (tmp_path / "ivigil.toml").write_text('contact_mail = "a@b.org"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="contact_mail"):
        load_settings(tmp_path, {})
