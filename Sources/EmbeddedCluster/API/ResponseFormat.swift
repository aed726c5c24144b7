import JSON

/// What a client's Accept header asks for.
enum ResponseFormat: Sendable, Equatable {
  enum Shape: Sendable, Equatable { case full, table, metadata, metadataList }

  case json(Shape)
  case yaml

  var shape: Shape {
    if case .json(let shape) = self { shape } else { .full }
  }

  /// - Throws: 406 when nothing that is asked for can be had.
  static func negotiate(accept: String?) throws(StatusError) -> ResponseFormat {
    guard let accept, !accept.isEmpty else { return .json(.full) }
    var askedForUnknownShape = false
    for clause in accept.split(separator: ",") {
      let parts = clause.split(separator: ";").map(trimmed)
      var parameters: [String: String] = [:]
      for part in parts.dropFirst() {
        guard let equals = part.firstIndex(of: "=") else { continue }
        parameters[String(part[..<equals])] = String(part[part.index(after: equals)...])
      }
      switch parts.first {
      case "application/json", "application/*", "*/*":
        guard let name = parameters["as"] else { return .json(.full) }
        let isMeta = parameters["g"] == "meta.k8s.io"
        switch (name, parameters["v"], isMeta) {
        case ("Table", "v1", true): return .json(.table)
        case ("PartialObjectMetadata", "v1", true): return .json(.metadata)
        case ("PartialObjectMetadataList", "v1", true): return .json(.metadataList)
        default: askedForUnknownShape = true
        }
      case "application/yaml": return .yaml
      default: break
      }
    }
    if askedForUnknownShape {
      throw StatusError(
        406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf"
      )
    }
    throw StatusError(
      406, "NotAcceptable",
      """
      406: Not Acceptable

      Available representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch
      """, details: [:])
  }

  /// Whether the aggregated discovery documents (KEP-3352) are asked for and preferred.
  static func wantsAggregatedDiscovery(accept: String?) -> Bool {
    for clause in (accept ?? "").split(separator: ",") {
      let parts = clause.split(separator: ";").map(trimmed)
      guard parts.first == "application/json" else { continue }
      if parts.contains("as=APIGroupDiscoveryList") {
        if parts.contains("v=v2"), parts.contains("g=apidiscovery.k8s.io") { return true }
      } else {
        return false
      }
    }
    return false
  }

  static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
