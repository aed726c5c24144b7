import JSON

/// Bodies in YAML, for clients that send or ask for it.
enum YAMLBodies {
  static func yaml(fromJSON bytes: [UInt8]) throws(StatusError) -> [UInt8] {
    // JSON is YAML 1.2: flow style.
    bytes + [0x0A]
  }

  static func json(fromYAML bytes: [UInt8]) throws(StatusError) -> JSONValue {
    do {
      return try JSONValue(parsing: bytes, limits: JSONParseLimits(allowsDuplicateKeys: true))
    } catch {
      throw StatusError.badRequest("error decoding YAML: \(error.message)")
    }
  }
}
