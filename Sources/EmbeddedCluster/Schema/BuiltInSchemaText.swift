/// The schemas of the built-in kinds, as compact text.
///
/// Produced from the facts of the OpenAPI v3 documents of Kubernetes 1.36 (Apache-2.0): names,
/// types, list types and map keys, patch merge keys, enumerations, defaults, required fields; and
/// from the tags of the public Go types (whether a field is a pointer or omitted when empty, and
/// its number in protobuf messages).
/// Descriptions are our own. Notation, one line each:
///
/// - `%PACKAGE` begins the definitions of a package;
/// - `=NAME [GROUP/VERSION] [~] [#DESCRIPTION]` begins a definition; `~` is map type atomic;
/// - `NUMBER FIELD TYPE [FLAGS] [KEY=VALUE…] [#DESCRIPTION]` is a field of the definition above; a
///   number `2.5` is field 5 of a message in field 2, `-` is none.
///
/// Types: `s` string, `b` boolean, `i` int32, `l` int64, `d` number, `y` bytes, `q` quantity,
/// `t` time, `m` time with microseconds, `o` integer or string, `j` any JSON, `x` any object,
/// `@NAME` a definition, `[]T` a list, `{}T` a map.
///
/// Flags: `*` pointer, `!` always written, `z` omitted when zero, `r` required, `S` set, `~` atomic
/// map, `P` merged by strategic patches, `R` retainKeys, `D` the zero value is the default, `-`
/// none.
/// Keys: `M` keys of a list map, `P` the merge key of strategic patches, `D` the default, `E` the
/// allowed values.
enum BuiltInSchemaText {
  static var all: [String] { [core, workloads, meta] }
}
