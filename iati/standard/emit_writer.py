"""Writes the source of ``iati.generated.writer``: one straight-line function per shape, model to XML."""

from iati.standard import DOCUMENTS, Shape
from iati.standard.description import Element
from iati.standard.emit_model import HEADER, import_names, record_shapes
from iati.standard.names import attribute_field, child_field, function_name

_ABOUT = "From the model to XML: one function per shape, children in the standard's order."


def writer_module() -> str:
    """The source of the module."""
    shapes = record_shapes()
    names = sorted(shape.name for shape in shapes)
    complexity = "# ruff: noqa: C901 - one branch for each name of the standard"
    head = f'{HEADER}\n{complexity}\n"""{_ABOUT}"""\n\n'
    imports = "\n".join(
        [
            import_names("iati.markup", ["alternate", "attribute", "foreign_attributes", "foreign_element", "text"]),
            import_names("iati.model", names),
        ]
    )
    records = {document.record.shape.name for document in DOCUMENTS}
    functions = "\n\n\n".join(_function(shape, ready=shape.name in records) for shape in shapes)
    return f"{head}{_STANDARD}\n\n{imports}\n\n{_READY}\n\n\n{functions}\n\n\n{_table(shapes)}\n"


_STANDARD = """from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final"""
_READY = """#: children of a record that are XML already, by list; each stands behind those of its list
Ready = Mapping[str, Iterable[str]]
NONE_READY: Final[Ready] = MappingProxyType({})"""


def _function(shape: Shape, *, ready: bool) -> str:
    """``ready``: the function also takes children that are XML already."""
    name = f"write_{function_name(shape)}"
    if ready:
        more = ["    node: " + shape.name + ",", "    name: str,", "    pad: str,", "    out: list[str],"]
        lines = [f"def {name}(", *more, "    ready: Ready = NONE_READY,", ") -> None:"]
    else:
        lines = [f"def {name}(node: {shape.name}, name: str, pad: str, out: list[str]) -> None:"]
    lines.append('    head = f"{pad}<{name}"')
    for each in shape.attributes:
        value = attribute_field(each)
        lines.append(f"    if node.{value} is not None:")
        lines.append(f"        head += f' {each.name}=\"{{attribute(node.{value})}}\"'")
    lines.append("    if node.foreign_attributes:")
    lines.append("        head += foreign_attributes(node.foreign_attributes)")
    if shape.anything:
        lines.append('    inside = "".join([text(node.text), *map(foreign_element, node.foreign)])')
        lines.append('    out.append(f"{head}>{inside}</{name}>" if inside else f"{head}/>")')
    elif shape.text:
        lines.append('    out.append(f"{head}>{text(node.text)}</{name}>" if node.text else f"{head}/>")')
    else:
        lines.extend(_content(shape, ready=ready))
    return "\n".join(lines)


def _content(shape: Shape, *, ready: bool) -> list[str]:
    if not shape.elements:
        return [
            "    if node.foreign:",
            '        inner = pad and pad + "  "',
            '        inside = "".join([inner + foreign_element(xml) for xml in node.foreign])',
            '        out.append(f"{head}>{inside}{pad}</{name}>")',
            "    else:",
            '        out.append(f"{head}>{text(node.blank)}</{name}>" if node.blank else f"{head}/>")',
        ]
    lines = ['    out.append(head + ">")', "    inside = len(out)", '    inner = pad and pad + "  "']
    for child in shape.children:
        if child is shape.beside_foreign:
            lines.extend(_alternating(child))
        elif isinstance(child, Element):
            lines.extend(_child(child))
            if ready and child.repeatable:
                field = child_field(child)
                lines.extend([f'    if "{field}" in ready:', f'        out.extend(ready["{field}"])'])
        elif shape.beside_foreign is None:
            lines.extend(_FOREIGN)
    lines.append("    if len(out) == inside:")
    lines.append('        out[-1] = f"{head}>{text(node.blank)}</{name}>" if node.blank else f"{head}/>"')
    lines.append("    else:")
    lines.append('        out.append(f"{pad}</{name}>")')
    return lines


#: most elements have none, and a loop over nothing costs as much as an attribute
_FOREIGN = ["    if node.foreign:", "        out.extend([inner + foreign_element(xml) for xml in node.foreign])"]


def _alternating(child: Element) -> list[str]:
    """The child next to foreign ones, and these."""
    usual = [*_child(child), *_FOREIGN]
    arguments = (f"node.{child_field(child)}", f"write_{function_name(child.shape)}", f'"{child.name}"')
    return [
        "    if node.foreign_at:",
        "        alternate(",
        *(f"            {each}," for each in (*arguments, "node.foreign", "node.foreign_at", "inner", "out")),
        "        )",
        "    else:",
        *("    " + line for line in usual),
    ]


def _child(child: Element) -> list[str]:
    value = child_field(child)
    call = f'write_{function_name(child.shape)}({{}}, "{child.name}", inner, out)'
    if child.repeatable:
        item = value
        return [f"    for {item} in node.{value}:", f"        {call.format(item)}"]
    return [f"    if node.{value} is not None:", f"        {call.format('node.' + value)}"]


def _table(shapes: list[Shape]) -> str:
    lines = [
        "#: the function that writes the elements of a class",
        "WRITERS: Final[Mapping[type, Callable[..., None]]] = {",
        *(f"    {shape.name}: write_{function_name(shape)}," for shape in shapes),
        "}",
    ]
    return "\n".join(lines)
