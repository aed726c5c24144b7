import JSON
import YAML

/// Bodies in YAML, for clients that send or ask for it.
enum YAMLBodies {
  static func yaml(fromJSON bytes: [UInt8]) throws(StatusError) -> [UInt8] {
    do {
      return YAML.emitBytes(documents: [try JSONValue(parsing: bytes)])
    } catch {
      throw StatusError.internalError("the answer is not JSON: \(error)")
    }
  }

  static func json(fromYAML bytes: [UInt8]) throws(StatusError) -> JSONValue {
    // JSON is YAML too, and what most clients send as such.
    let limits = JSONParseLimits(allowsDuplicateKeys: true)
    if let json = try? JSONValue(parsing: bytes, limits: limits) { return json }
    let result = YAML.parse(bytes, file: "body", dialect: .kubectl)
    if let error = result.errors.first {
      throw StatusError.badRequest("error decoding YAML: \(error)")
    }
    guard let document = result.documents.first else {
      throw StatusError.badRequest("error decoding YAML: the body is empty")
    }
    return document.value
  }
}
