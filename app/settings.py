"""Settings: read once at the edge (command line, service), handed down as arguments."""

import ipaddress
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import BadInputError


class Settings(BaseSettings):
    """Every setting is an environment variable `CLUEGRAPH_<NAME>`; options of the command line go first."""

    model_config = SettingsConfigDict(
        env_prefix="CLUEGRAPH_", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    data: Path = Field(
        default=Path("cluegraph-data"), description="The data folder: everything lives under it."
    )
    casebook_url: str | None = Field(
        default=None, description="SQLAlchemy address of the casebook; SQLite in the data folder where unset."
    )
    measures: Path | None = Field(
        default=None, description="A table of measures of your own, instead of that of cluegraph."
    )
    neo4j_uri: str | None = Field(
        default=None, description="Bolt address of a Neo4j of your own instead of the embedded one."
    )
    neo4j_user: str = Field(default="neo4j", description="User at that Neo4j.")
    neo4j_password: SecretStr | None = Field(default=None, description="Password at that Neo4j.")
    neo4j_heap: str = Field(default="2g", description="Heap of the embedded Neo4j.")
    neo4j_page_cache: str = Field(default="1g", description="Page cache of the embedded Neo4j.")
    neo4j_bolt_port: int = Field(
        default=0, ge=0, le=65535, description="Bolt port of the embedded Neo4j; 0 takes a free one."
    )
    neo4j_http_port: int = Field(
        default=0, ge=0, le=65535, description="HTTP port of the embedded Neo4j; 0 takes a free one."
    )
    neo4j_offline: Path | None = Field(
        default=None, description="Folder that already holds the server's jars."
    )
    neo4j_mirror: str | None = Field(
        default=None, description="Address of a Maven repository to download from instead."
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("cluegraph"), description="Where the server's jars are kept."
    )
    api_host: str = Field(
        default="127.0.0.1",
        description="Address the API listens on; a loopback address, as there are no accounts.",
    )
    api_port: int = Field(
        default=8600, ge=0, le=65535, description="Port the API listens on; 0 takes a free one."
    )
    clearance: str | None = Field(
        default=None,
        description="Where control instructions go: an address (http:// or https://), or a folder; "
        "where unset they wait.",
    )
    clearance_token: SecretStr | None = Field(
        default=None, description="Sent to that address as `Authorization: Bearer`."
    )
    webhook_loopback: bool = Field(
        default=False, description="Whether webhooks may go to loopback addresses of this machine."
    )
    body_limit: int = Field(
        default=32 << 20, ge=1, description="Most bytes of one body that is posted to the API."
    )
    inbox_limit: int = Field(
        default=10_000, ge=1, description="Most posted bodies that may wait to be loaded; beyond, 503."
    )
    global_minutes: float = Field(
        default=15.0,
        ge=0,
        description="Minutes from one run of all rules to the next while `serve` or `watch` works; 0: none.",
    )
    unmasked_roles: str = Field(
        default="investigator,legal",
        description="Roles that may have personal values in a dossier, separated by commas; none: nobody.",
    )
    export_folder: Path | None = Field(
        default=None, description="Folder into which the service hands over clues."
    )
    export_to: str = Field(
        default="", description="Recipients of clues that the service hands over, separated by commas."
    )
    export_every: int | None = Field(
        default=None, ge=1, description="Minutes between two handovers by the service; unset: none."
    )
    export_severity: str = Field(
        default="info",
        pattern="^(info|low|medium|high|critical)$",
        description="Least severity of the clues that the service hands over.",
    )
    log_level: str = Field(
        default="warning",
        pattern="^(debug|info|warning|error)$",
        description="Least level of the log lines on standard error: debug, info, warning or error.",
    )
    debug: bool = Field(default=False, description="Show tracebacks instead of one sentence.")

    @property
    def ledger_folder(self) -> Path:
        """Folder of the ledger's tables and originals."""
        return self.data / "ledger"

    @property
    def key_file(self) -> Path:
        """The secret that keys persons, readable by its owner alone."""
        return self.data / "key"

    @property
    def inbox_folder(self) -> Path:
        """Where what was posted waits to be loaded, and the receipts of what was."""
        return self.data / "inbox"

    @property
    def service_file(self) -> Path:
        """Where the running service says how to hand it a job, readable by its owner alone."""
        return self.data / "service"

    @property
    def neo4j_home(self) -> Path:
        """Home folder of the embedded server."""
        return self.data / "neo4j"

    @property
    def export_recipients(self) -> tuple[str, ...]:
        """Whom the service hands clues over to."""
        return _listed(self.export_to)

    @property
    def roles_unmasked(self) -> tuple[str, ...]:
        """The roles that may have personal values."""
        return () if self.unmasked_roles == "none" else _listed(self.unmasked_roles)

    @property
    def casebook_address(self) -> str:
        """SQLAlchemy address of the casebook: the one that is set, else SQLite in the data folder."""
        return self.casebook_url or f"sqlite:///{self.data / 'casebook.sqlite'}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with `given` (options that are not None) going first.

    Raises BadInputError naming the variable and what is wrong with it, never its value.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "CLUEGRAPH_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInputError(
            f"The setting {name} cannot be used: {first['msg']}; see docs/settings.md."
        ) from error


def require_loopback(host: str) -> str:
    """The host if it is a loopback address or `localhost`; else BadInputError."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise BadInputError(
            f"The API cannot listen on {host}: it has no accounts yet and serves this machine alone; "
            "use 127.0.0.1, ::1 or localhost."
        )
    return host
