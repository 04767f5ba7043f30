"""What JSON lists hold, asked of the database: element by element, for how a list is written differs."""

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class json_texts(GenericFunction[str]):  # noqa: N801
    """The texts of a JSON list, a row for each in a column ``value``."""

    inherit_cache = True


@compiles(json_texts, "sqlite")
def _on_sqlite(element: json_texts, compiler: SQLCompiler, **kwargs: object) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(json_texts, "postgresql")
def _on_postgresql(element: json_texts, compiler: SQLCompiler, **kwargs: object) -> str:
    return f"json_array_elements_text({compiler.process(element.clauses, **kwargs)})"
