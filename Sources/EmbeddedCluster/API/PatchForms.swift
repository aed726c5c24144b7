import JSON

/// The three kinds of patch that change what is there.
enum PatchForms {
  static func json(_ patch: JSONValue, to live: JSONValue) throws(StatusError) -> JSONValue {
    guard patch.array != nil else {
      throw StatusError.badRequest(
        "error decoding patch: json: cannot unmarshal \(patch.typeName) into Go value of type jsonpatch.Patch"
      )
    }
    do {
      return try JSONPatch(patch).applied(to: live)
    } catch {
      throw StatusError(
        422, "Invalid", "the server rejected our request due to an error in our request",
        details: [:])
    }
  }

  static func merge(_ patch: JSONValue, to live: JSONValue) throws(StatusError) -> JSONValue {
    guard patch.object != nil else {
      throw StatusError.badRequest(
        "error decoding patch: json: cannot unmarshal \(patch.typeName) into Go value of type map[string]interface {}"
      )
    }
    return live.applyingMergePatch(patch)
  }

  static func strategic(
    _ patch: JSONValue, to live: JSONValue, _ definition: ResourceDefinition
  ) throws(StatusError) -> JSONValue {
    guard patch.object != nil else {
      throw StatusError.badRequest(
        "error decoding patch: json: cannot unmarshal \(patch.typeName) into Go value of type map[string]interface {}"
      )
    }
    guard let schema = definition.rules?.schema else { return live.applyingMergePatch(patch) }
    do {
      return try StrategicMergePatch.apply(patch, to: live, schema: schema)
    } catch {
      throw StatusError.unexplained(error.message)
    }
  }
}
