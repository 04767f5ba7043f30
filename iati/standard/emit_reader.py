"""Writes the source of ``iati.generated.reader``: one straight-line function per shape, XML to model."""

from iati.standard import Shape
from iati.standard.description import Element
from iati.standard.emit_model import HEADER, import_names, record_shapes
from iati.standard.names import attribute_field, child_field, function_name

_ABOUT = "From XML to the model: one function per shape; what the standard does not know is reported."
#: Shapes with more children than this sort them by name first, which is quicker than comparing names one by one.
_FEW = 16
#: Text beside elements is not in the standard, but it must not vanish without a word.
_LEADING_TEXT = (
    "    before = element.text",
    "    if before and not before.isspace():",
    "        reading.stray(element, before)",
)
_BLANK = ("    if last < 0 and before:", "        node.blank = reading.blank(element)")
_FOLLOWING_TEXT = (
    "        after = child.tail",
    "        if after and not after.isspace():",
    "            reading.stray(child, after)",
)


def reader_module() -> str:
    """The source of the module."""
    shapes = record_shapes()
    imports = "\n".join(
        [
            import_names("iati.model", [shape.name for shape in shapes]),
            import_names("iati.reading", ["XML_LANG", "Element", "Reading"]),
        ]
    )
    functions = "\n\n\n".join(_function(shape) for shape in shapes)
    complexity = "# ruff: noqa: C901 - one branch for each name of the standard"
    return f'{HEADER}\n{complexity}\n"""{_ABOUT}"""\n\n{imports}\n\n\n{functions}\n'


def _function(shape: Shape) -> str:
    name = function_name(shape)
    many = len(shape.elements) > _FEW
    lines = []
    if shape.attributes:
        lines += [f"_{name.upper()}_ATTRIBUTES = {{", *(f"    {_key(each.name)}," for each in shape.attributes), "}"]
    if many:
        ranks = [f'    "{child.name}": {rank},' for rank, child in enumerate(shape.elements)]
        lines += [f"_{name.upper()}_RANKS = {{", *ranks, "}"]
    if lines:
        lines += ["", ""]
    lines.append(f"def read_{name}(element: Element, reading: Reading) -> {shape.name}:")
    lines.append(f"    node = {shape.name}()")
    lines.extend(_attributes(shape, name))
    if shape.anything:
        lines.append("    node.text, node.foreign = reading.anything(element)")
    elif shape.text:
        lines.append('    node.text = reading.text_around(element) if len(element) else element.text or ""')
    elif not shape.elements:
        lines.append("    if len(element) or element.text:")
        lines.append("        node.foreign, node.blank = reading.foreign_only(element)")
    elif many:
        lines.extend(_sorted_children(shape, name))
    else:
        lines.extend(_compared_children(shape))
    lines.append("    return node")
    return "\n".join(lines)


def _key(name: str) -> str:
    return "XML_LANG" if name == "xml:lang" else f'"{name}"'


def _attributes(shape: Shape, name: str) -> list[str]:
    if not shape.attributes:
        known = "None" if shape.anything else "()"
        return [
            "    if element.items():",
            f"        node.foreign_attributes = reading.other_attributes(element, {known})",
        ]
    lines = ["    for name, value in element.items():"]
    for at, each in enumerate(shape.attributes):
        lines.append(f"        {'el' if at else ''}if name == {_key(each.name)}:")
        lines.append(f"            node.{attribute_field(each)} = value")
    lines.append("        else:")
    lines.append(f"            node.foreign_attributes = reading.other_attributes(element, _{name.upper()}_ATTRIBUTES)")
    return lines


def _compared_children(shape: Shape) -> list[str]:
    lines = [*_LEADING_TEXT, "    last = -1", "    for child in element:", "        tag = child.tag"]
    beside = shape.beside_foreign
    place = -1
    branch = "if"
    for rank, child in enumerate(shape.children):
        if not isinstance(child, Element):
            place = rank if beside is None else shape.children.index(beside)
            continue
        field = child_field(child)
        read = f"read_{function_name(child.shape)}(child, reading)"
        lines.append(f'        {branch} tag == "{child.name}":')
        lines.append(f"            if last {'>' if child.repeatable else '>='} {rank}:")
        lines.append(f"                reading.{'misplaced' if child.repeatable else 'repeated'}(child)")
        lines.append(f"            last = {rank}")
        lines.append(
            f"            node.{field}.append({read})" if child.repeatable else f"            node.{field} = {read}"
        )
        branch = "elif"
    lines.append("        else:")
    lines.append(f"            node.foreign, last = reading.other_child(child, node.foreign, last, {place})")
    if beside:
        lines.append("            if len(node.foreign) > len(places):")
        lines.append(f"                places += (len(node.{child_field(beside)}),)")
        lines.insert(len(_LEADING_TEXT), "    places: tuple[int, ...] = ()")
    lines.extend(_FOLLOWING_TEXT)
    lines.extend(_BLANK)
    if beside:
        count = f"len(node.{child_field(beside)})"
        lines.append(f"    if places and any(place != {count} for place in places):")
        lines.append("        node.foreign_at = places")
    return lines


def _sorted_children(shape: Shape, name: str) -> list[str]:
    size = len(shape.elements)
    lines = [
        *_LEADING_TEXT,
        f"    found: list[list[Element]] = [[] for _ in range({size})]",
        "    last = -1",
        "    for child in element:",
        *_FOLLOWING_TEXT,
        f"        rank = _{name.upper()}_RANKS.get(child.tag, -1)",
        "        if rank < 0:",
        f"            node.foreign, last = reading.other_child(child, node.foreign, last, {size})",
        "            continue",
        "        if rank < last:",
        "            reading.misplaced(child)",
        "        last = rank",
        "        found[rank].append(child)",
        *_BLANK,
    ]
    for rank, child in enumerate(shape.elements):
        read = f"read_{function_name(child.shape)}"
        field = child_field(child)
        if child.repeatable:
            lines.append(f"    if found[{rank}]:")
            lines.append(f"        node.{field} = [{read}(each, reading) for each in found[{rank}]]")
        else:
            lines.append(f"    if found[{rank}]:")
            lines.append(f"        node.{field} = {read}(reading.only(found[{rank}]), reading)")
    return lines
