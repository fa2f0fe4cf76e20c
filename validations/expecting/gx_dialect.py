"""The SQLAlchemy dialect through which Great Expectations reads the warehouse file.

duckdb-engine hands out cursors that share one connection and fetch lazily; Great Expectations rolls its pooled
connection back before it fetches, so through plain `duckdb:///` nearly every expectation falsely fails. Here a cursor
fetches the whole answer when it executes. Answers are small: Great Expectations asks for counts.

Import late: SQLAlchemy and duckdb-engine cost half a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.types import NullType

SCHEME = "oncomart"
_announced: dict[str, str] = {}
# Read only: expectations judge the file that is about to be published. Offline: a missing extension must fail, not download.
CONFIG = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "lock_configuration": True,
}


class EagerCursor(CursorWrapper):  # type: ignore[misc]  # duckdb-engine ships no types
    """A cursor that holds its rows from the moment it executed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, wrapper: ConnectionWrapper) -> None:
        super().__init__(connection, wrapper)
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self._connection = connection
        self._rows: list[Any] = []

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run the statement and fetch its whole answer."""
        super().execute(statement, parameters, context)
        self.description = self._connection.description
        self._rows = self._connection.fetchall() if self.description else []

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next `size` rows (1 where not given)."""
        wanted, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return wanted

    def fetchall(self) -> list[Any]:
        """All rows not fetched yet."""
        rows, self._rows = self._rows, []
        return rows


class EagerConnection(ConnectionWrapper):  # type: ignore[misc]  # duckdb-engine ships no types
    """A connection whose cursors fetch eagerly."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._connection = connection

    def cursor(self) -> EagerCursor:
        """A cursor that fetches eagerly."""
        return EagerCursor(self._connection, self)


class WarehouseDialect(Dialect):  # type: ignore[misc]  # duckdb-engine ships no types
    """The duckdb-engine dialect, read only and with eager cursors."""

    supports_statement_cache = False

    def connect(self, *args: Any, **parameters: Any) -> EagerConnection:
        """Open the warehouse file that `url` announced: read only, without extensions or files beside it."""
        return EagerConnection(duckdb.connect(_announced[str(parameters["database"])], read_only=True, config=dict(CONFIG)))

    def do_begin(self, connection: Any) -> None:
        """No transaction: nothing is written, and to begin one and roll it back doubles the statements."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing was begun."""

    do_commit = do_rollback

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **parameters: Any) -> list[dict[str, Any]]:
        """The columns by name, in order, without types: nothing here asks for one, and the catalogue looks at every view for them."""
        found = connection.exec_driver_sql('select name, "notnull" from pragma_table_info(?)', (str(table_name),)).fetchall()
        return [{"name": name, "type": NullType(), "nullable": not required, "default": None} for name, required in found]

    def get_pk_constraint(self, *args: Any, **parameters: Any) -> dict[str, Any]:
        """No key: the audit verifies keys, nothing here asks for one, and looking one up costs more than counting rows."""
        return {"constrained_columns": [], "name": None}


def url(warehouse: Path) -> str:
    """Connection text of one warehouse file, for `add_sql`; registers the scheme.

    It carries a token instead of the path: Great Expectations substitutes `$` in it, and a path has no place in
    Data Docs.
    """
    registry.register(SCHEME, __name__, WarehouseDialect.__name__)
    token = f"warehouse_{len(_announced)}"
    _announced[token] = str(warehouse.resolve())
    return f"{SCHEME}:///{token}"
