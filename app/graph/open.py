"""Opens the graph that the settings name."""

from typing import TYPE_CHECKING

from app.errors import BadInputError
from app.graph.server import EmbeddedServer
from app.settings import Settings

if TYPE_CHECKING:
    from app.graph.driver import Graph


def open_graph(settings: Settings) -> "Graph":
    """Connect to the Neo4j of `settings`: their address, else the embedded server, started where needed.

    Raises UnavailableError (and what `EmbeddedServer.start` raises), BadInputError for an address without a
    password.
    """
    # Imported here: most commands never ask the graph, and the driver takes a while to import.
    from app.graph.driver import Graph

    if settings.neo4j_uri is None:
        found = EmbeddedServer.of(settings).start()
        return Graph.connect(found.uri, found.user, found.password)
    if settings.neo4j_password is None:
        raise BadInputError(
            f"CLUEGRAPH_NEO4J_URI is set ({settings.neo4j_uri}), its password is not: "
            "set CLUEGRAPH_NEO4J_PASSWORD."
        )
    return Graph.connect(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password.get_secret_value())
