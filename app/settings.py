"""Settings: read once at the edge (command line, service), handed down as arguments."""

from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is an environment variable `CLUEGRAPH_<NAME>`; options of the command line go first."""

    model_config = SettingsConfigDict(env_prefix="CLUEGRAPH_", extra="ignore")

    data: Path = Field(default=Path("cluegraph-data"), description="The data folder: everything lives under it.")
    casebook_url: str | None = Field(
        default=None, description="SQLAlchemy address of the casebook; SQLite in the data folder where unset."
    )
    neo4j_uri: str | None = Field(default=None, description="Bolt address of a Neo4j of your own instead of the embedded one.")
    neo4j_user: str = Field(default="neo4j", description="User at that Neo4j.")
    neo4j_password: SecretStr | None = Field(default=None, description="Password at that Neo4j.")
    neo4j_heap: str = Field(default="2g", description="Heap of the embedded Neo4j.")
    neo4j_page_cache: str = Field(default="1g", description="Page cache of the embedded Neo4j.")
    neo4j_bolt_port: int = Field(default=0, description="Bolt port of the embedded Neo4j; 0 takes a free one.")
    neo4j_http_port: int = Field(default=0, description="HTTP port of the embedded Neo4j; 0 takes a free one.")
    neo4j_offline: Path | None = Field(default=None, description="Folder that already holds the server's jars.")
    neo4j_mirror: str | None = Field(default=None, description="Address of a Maven repository to download from instead.")
    cache: Path = Field(
        default_factory=lambda: user_cache_path("cluegraph"), description="Where the server's jars are kept."
    )
    api_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(default=8600, description="Port the API listens on.")

    @property
    def ledger_folder(self) -> Path:
        """Folder of the ledger's tables and originals."""
        return self.data / "ledger"

    @property
    def key_file(self) -> Path:
        """The secret that keys persons, readable by its owner alone."""
        return self.data / "key"

    @property
    def neo4j_home(self) -> Path:
        """Home folder of the embedded server."""
        return self.data / "neo4j"
