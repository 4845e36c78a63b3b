"""Settings: `$IVIGIL_HOME/ivigil.toml`, overridden by the environment.

Everything has a default but the contact e-mail, which the sources' rules of use ask for. Secrets are `SecretStr`, so
that no log line, exception or dump can show them by accident.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, field_validator

from ivigil.errors import ConfigurationError
from ivigil.toml_text import parse_toml

SOURCE_SETTING = re.compile(r"^IVIGIL_(?P<source>[A-Z0-9]+)_(?P<field>BASE_URL|API_KEY|INST_TOKEN)$")
SECOND_READER_SETTING = "IVIGIL_SECOND_READER_"
CONFIG_NAME = "ivigil.toml"
SHORTEST_SECRET_KEY = 32


Cadence = Literal["daily", "weekly", "none"]
CLOCK_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
QuietHours = Annotated[str, StringConstraints(pattern=rf"^{CLOCK_TIME}-{CLOCK_TIME}$")]


def http_address(value: str | None) -> str | None:
    """A web address without the slash at its end; nothing where nothing is set."""
    if value and not re.match(r"https?://[^\s/]", value):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/") if value else None


class SourceSettings(BaseModel):
    """What may be set for one source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str | None = None
    api_key: SecretStr | None = None
    inst_token: SecretStr | None = None

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return http_address(value)


class Recipient(BaseModel):
    """Somebody who wants to be told less than everything, or not at night: one `[[recipients]]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr
    urgency: Literal["high", "normal", "low"] = Field(default="low", description="the least urgency that is told")
    kinds: tuple[str, ...] = Field(default=(), description="kinds of alert that are told; empty is all")
    organ_systems: tuple[str, ...] = Field(default=(), description="organ systems that are told of; empty is all")
    digest: Cadence = "weekly"
    quiet_hours: QuietHours | None = Field(default=None, description="22:00-07:00, in `time_zone`")
    urgent_breaks_quiet: bool = False


class SecondReader(BaseModel):
    """A chat endpoint in OpenAI's form that reads the criteria beside the rules; off unless this table is there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    model: str
    api_key: SecretStr | None = None
    reports_per_night: Annotated[int, Field(gt=0)] = 50
    input_price: Annotated[float, Field(ge=0)] | None = Field(default=None, description="per million tokens")
    output_price: Annotated[float, Field(ge=0)] | None = Field(default=None, description="per million tokens")

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return http_address(value) or value


class Settings(BaseModel):
    """All settings of one home folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path
    database_url: SecretStr | None = None
    protocol: str = "ivig_ssc"
    sources: tuple[str, ...] = ("pubmed", "europepmc")
    contact_email: str | None = None
    user_agent: str | None = None
    notify: tuple[SecretStr, ...] = Field(default=(), description="Apprise URLs that are told everything")
    digest: Cadence = Field(default="weekly", description="how often those of `notify` get the digest")
    quiet_hours: QuietHours | None = Field(default=None, description="when those of `notify` are left alone")
    urgent_breaks_quiet: bool = Field(default=False, description="whether high urgency is told in quiet hours too")
    recipients: tuple[Recipient, ...] = ()
    heartbeat_url: SecretStr | None = Field(default=None, description="asked for after each complete night")
    heartbeat_failures: bool = Field(default=False, description="also ask for its /fail after a night that was not")
    second_reader: SecondReader | None = None
    embedding_model: str | None = None
    models: Path | None = None
    time_zone: str = "UTC"
    stale_after_hours: Annotated[int, Field(gt=0)] = 36
    public_url: str | None = Field(
        default=None, description="where the workspace is reached; links in messages need it"
    )
    secret_key: SecretStr | None = Field(default=None, description="signs links; else a file in the home folder does")
    source: dict[str, SourceSettings] = Field(default_factory=dict)

    @field_validator("sources", "notify", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("contact_email")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("is not an e-mail address")
        return value or None

    @field_validator("public_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return http_address(value)

    @field_validator("heartbeat_url")
    @classmethod
    def _is_a_web_secret(cls, value: SecretStr | None) -> SecretStr | None:
        return SecretStr(address) if value and (address := http_address(value.get_secret_value())) else None

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, KeyError, OSError):
            raise ValueError(f"{value!r} is no time zone: Europe/Paris is one") from None
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET_KEY:
            raise ValueError(f"must have at least {SHORTEST_SECRET_KEY} characters: openssl rand -hex 32 makes one")
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: the one set, else SQLite in the home folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'ivigil.sqlite3').absolute()}"

    @property
    def models_folder(self) -> Path:
        """Where trained screeners are kept: the one set, else `models/` in the home folder."""
        return self.models or self.home / "models"

    def for_source(self, name: str) -> SourceSettings:
        """The settings of one source; the empty ones where nothing is set."""
        return self.source.get(name, SourceSettings())


def load_settings(home: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings for a home folder (default `IVIGIL_HOME`, else `./.ivigil`).

    Raises:
        ConfigurationError: names the file or the environment variable, and the field.
    """
    env = os.environ if environ is None else environ
    folder = home or Path(env.get("IVIGIL_HOME") or ".ivigil")
    file = folder / CONFIG_NAME
    values: dict[str, Any] = _read_toml(file)
    if "home" in values:
        raise ConfigurationError("the home folder is where this file lies and cannot be set", file=file, field="home")
    origin: dict[str, str] = {}
    for name, text in env.items():
        if not text or name == "IVIGIL_HOME":
            continue
        if match := SOURCE_SETTING.match(name):
            source, field = match["source"].lower(), match["field"].lower()
            values.setdefault("source", {}).setdefault(source, {})[field] = text
            origin[f"source.{source}.{field}"] = name
        elif name.startswith(SECOND_READER_SETTING):
            field = name.removeprefix(SECOND_READER_SETTING).lower()
            values.setdefault("second_reader", {})[field] = text
            origin[f"second_reader.{field}"] = name
        elif name.startswith("IVIGIL_") and (field := name.removeprefix("IVIGIL_").lower()) in Settings.model_fields:
            values[field] = text
            origin[field] = name
    try:
        return Settings(home=folder, **values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]  # the input may be a secret
        field = ".".join(str(part) for part in first["loc"])
        variable = next((name for path, name in origin.items() if field.startswith(path)), None)
        raise ConfigurationError(
            first["msg"], file=None if variable else file, field=variable or field, hint="see the settings in README.md"
        ) from None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return parse_toml(text, file)
