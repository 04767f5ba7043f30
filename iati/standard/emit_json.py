"""Writes the source of ``iati.generated.json`` and the JSON Schema of that form."""

import json
from typing import Any

from iati.standard import DOCUMENTS, VERSION, Shape
from iati.standard.description import Attribute, Element, Type
from iati.standard.emit_model import HEADER, import_names, record_shapes
from iati.standard.names import attribute_field, child_field, function_name

_ABOUT = "Between the model and plain dictionaries: two functions per shape; what is absent is left out."


def json_module() -> str:
    """The source of the module."""
    shapes = record_shapes()
    imports = "\n".join(
        [
            "from collections.abc import Callable",
            "from typing import Any",
            "",
            import_names(
                "iati.jsonparts", ["Json", "items", "members", "numbers", "pairs", "string", "strings", "unknown"]
            ),
            import_names("iati.model", [shape.name for shape in shapes]),
        ]
    )
    functions = "\n\n\n".join(_to_json(shape) + "\n\n\n" + _from_json(shape) for shape in shapes)
    complexity = "# ruff: noqa: C901 - one branch for each name of the standard"
    return f'{HEADER}\n{complexity}\n"""{_ABOUT}"""\n\n{imports}\n\n\n{functions}\n\n\n{_tables(shapes)}\n'


def _to_json(shape: Shape) -> str:
    lines = [f"def json_of_{function_name(shape)}(node: {shape.name}) -> Json:", "    data: Json = {}"]
    for each in shape.attributes:
        field = attribute_field(each)
        lines += [f"    if node.{field} is not None:", f'        data["{field}"] = node.{field}']
    if shape.text is not None:
        lines += ["    if node.text:", '        data["text"] = node.text']
    for child in shape.elements:
        field = child_field(child)
        call = f"json_of_{function_name(child.shape)}"
        if child.repeatable:
            lines += [f"    if node.{field}:", f'        data["{field}"] = list(map({call}, node.{field}))']
        else:
            lines += [f"    if node.{field} is not None:", f'        data["{field}"] = {call}(node.{field})']
    lines += ["    if node.foreign_attributes:", '        data["foreign_attributes"] = dict(node.foreign_attributes)']
    if shape.allows_foreign:
        lines += ["    if node.foreign:", '        data["foreign"] = list(node.foreign)']
    if shape.beside_foreign:
        lines += ["    if node.foreign_at:", '        data["foreign_at"] = list(node.foreign_at)']
    if shape.holds_elements:
        lines += ["    if node.blank:", '        data["blank"] = node.blank']
    lines.append("    return data")
    return "\n".join(lines)


def _from_json(shape: Shape) -> str:
    lines = [
        f"def {function_name(shape)}_of_json(data: object) -> {shape.name}:",
        f"    node = {shape.name}()",
        "    for key, value in members(data):",
    ]
    branch = "if"

    def take(key: str, reading: str) -> None:
        nonlocal branch
        lines.extend([f'        {branch} key == "{key}":', f"            node.{key} = {reading}"])
        branch = "elif"

    for each in shape.attributes:
        take(attribute_field(each), "string(value)")
    if shape.text is not None:
        take("text", "string(value)")
    for child in shape.elements:
        call = f"{function_name(child.shape)}_of_json"
        take(child_field(child), f"[{call}(each) for each in items(value)]" if child.repeatable else f"{call}(value)")
    take("foreign_attributes", "pairs(value)")
    if shape.allows_foreign:
        take("foreign", "strings(value)")
    if shape.beside_foreign:
        take("foreign_at", "numbers(value)")
    if shape.holds_elements:
        take("blank", "string(value)")
    lines += ["        else:", "            unknown(key)", "    return node"]
    return "\n".join(lines)


def _tables(shapes: list[Shape]) -> str:
    lines = ["#: By class: from the model and to it.", "TO_JSON: dict[type, Callable[[Any], Json]] = {"]
    lines += [f"    {shape.name}: json_of_{function_name(shape)}," for shape in shapes]
    lines += ["}", "FROM_JSON: dict[type, Callable[[object], Any]] = {"]
    lines += [f"    {shape.name}: {function_name(shape)}_of_json," for shape in shapes]
    lines.append("}")
    return "\n".join(lines)


_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_PATTERNS = {
    Type.DECIMAL: r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*$",
    Type.DATE: rf"^-?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}$",
    Type.DATETIME: rf"^-?[0-9]{{4,}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]+)?{_ZONE}$",
    Type.BOOLEAN: r"^\s*(true|false|1|0)\s*$",
    Type.INT: r"^\s*[+-]?[0-9]+\s*$",
    Type.NON_NEGATIVE: r"^\s*(\+?[0-9]+|-0+)\s*$",
    Type.POSITIVE: r"^\s*\+?0*[1-9][0-9]*\s*$",
}


def json_schema() -> str:
    """The JSON Schema of one record: texts as in the file, absent things left out."""
    shapes = sorted(record_shapes(), key=lambda shape: shape.name)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"One activity or organisation of the IATI standard {VERSION}",
        "description": "Generated by `python -m iati.standard.generate` from iati/standard; change it there.",
        "anyOf": [{"$ref": f"#/$defs/{document.record.shape.name}"} for document in DOCUMENTS],
        "$defs": {shape.name: _schema_of(shape) for shape in shapes},
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _schema_of(shape: Shape) -> dict[str, Any]:
    properties: dict[str, Any] = {attribute_field(each): _text_schema(each) for each in shape.attributes}
    required = [attribute_field(each) for each in shape.attributes if each.required]
    if shape.text is not None:
        properties["text"] = {"type": "string", **_pattern(shape.text)}
        if shape.text in _PATTERNS:
            required.append("text")
    for child in shape.elements:
        properties[child_field(child)] = _child_schema(child)
        if child.required:
            required.append(child_field(child))
    properties["foreign_attributes"] = {"type": "object", "additionalProperties": {"type": "string"}}
    if shape.allows_foreign:
        properties["foreign"] = {"type": "array", "items": {"type": "string"}}
    if shape.beside_foreign:
        properties["foreign_at"] = {"type": "array", "items": {"type": "integer", "minimum": 0}}
    if shape.holds_elements:
        properties["blank"] = {"type": "string", "pattern": r"^\s*$"}
    found: dict[str, Any] = {"description": shape.about, "type": "object", "properties": properties}
    if required:
        found["required"] = required
    return {**found, "additionalProperties": False}


def _text_schema(each: Attribute) -> dict[str, Any]:
    return {"description": each.about, "type": "string", **_pattern(each.type)}


def _pattern(kind: Type) -> dict[str, str]:
    return {"pattern": _PATTERNS[kind]} if kind in _PATTERNS else {}


def _child_schema(child: Element) -> dict[str, Any]:
    reference = {"$ref": f"#/$defs/{child.shape.name}"}
    if not child.repeatable:
        return {"description": child.about, **reference}
    least = {"minItems": 1} if child.required else {}
    return {"description": child.about, "type": "array", "items": reference, **least}
