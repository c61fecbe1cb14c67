"""The validation rules in the vendor's descriptors, as strings to compare and applied to messages."""

import re

from buf.validate import validate_pb2
from google.protobuf import text_format

# The name of this value differs between releases of the rules. The number doesn't.
IGNORE_ZERO = 1
UUID = re.compile(r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")


def rule_text(options):
    """The rule of a field on one line. Empty if there is none."""
    if not options.HasExtension(validate_pb2.field):
        return ""
    return text_format.MessageToString(options.Extensions[validate_pb2.field], as_one_line=True)


def violations(message, path=""):
    """The violations of a message, as sentences that name the field. Raises an error for an unknown rule."""
    found = []
    for field in message.DESCRIPTOR.fields:
        where = f"{path}{field.name}"
        repeated = field.label == field.LABEL_REPEATED
        value = getattr(message, field.name)
        present = bool(value) if repeated or not field.has_presence else message.HasField(field.name)
        options = field.GetOptions()
        if options.HasExtension(validate_pb2.field):
            found += broken(options.Extensions[validate_pb2.field], field, value, present, where)
        if field.message_type is not None and present and not field.message_type.GetOptions().map_entry:
            for item in value if repeated else [value]:
                found += violations(item, f"{where}.")
    return found


def broken(rule, field, value, present, where):
    if rule.required and not present:
        return [f"{where} is required"]
    if not present and (field.has_presence or rule.ignore == IGNORE_ZERO):
        return []
    kind = rule.WhichOneof("type")
    if kind == "repeated":
        found = [f"{where} has more than {rule.repeated.max_items} items"] if len(value) > rule.repeated.max_items else []
        return found + [line for item in value for line in broken_value(rule.repeated.items, field, item, where)]
    return broken_value(rule, field, value, where)


def broken_value(rule, field, value, where):
    kind = rule.WhichOneof("type")
    if kind is None:
        return []
    if kind == "string" and rule.string.uuid:
        return [] if UUID.match(value) else [f"{where} is not a UUID: {value!r}"]
    if kind == "string" and rule.string.max_len:
        inside = rule.string.min_len <= len(value) <= rule.string.max_len
        return [] if inside else [f"{where} must have {rule.string.min_len} to {rule.string.max_len} characters: {value!r}"]
    if kind == "string" and rule.string.uri:
        return [] if re.match(r"^[a-z]+://", value) else [f"{where} is not a URI: {value!r}"]
    if kind == "int32":
        inside = rule.int32.gte <= value <= rule.int32.lte
        return [] if inside else [f"{where} is not within {rule.int32.gte} and {rule.int32.lte}: {value}"]
    if kind == "enum" and rule.enum.defined_only:
        return [] if value in field.enum_type.values_by_number else [f"{where} is not defined: {value}"]
    if kind == "duration":
        nanos = value.ToNanoseconds()
        inside = rule.duration.gte.ToNanoseconds() <= nanos <= rule.duration.lte.ToNanoseconds()
        return [] if inside else [f"{where} is out of range: {value.ToJsonString()}"]
    raise NotImplementedError(f"{where}: {rule}")
