import JSON
import KubernetesAPI
import KubernetesClient

/// What a request gives, before it is written in the format that was asked for.
struct Reply: Sendable {
  enum Content: Sendable {
    /// An object of the resource as this version shows it; Tables and metadata are made of it.
    case object(JSONValue)
    case list(ListResult)
    /// Written as it is: Status, Scale, reviews.
    case other(JSONValue)
    case text(String)
  }

  var code = 200
  var content: Content
  var warnings: [String] = []

  /// Of a subresource that makes no object.
  static var success: Reply {
    Reply(
      code: 201,
      content: .other([
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
      ]))
  }
}

/// One page of a list.
struct ListResult: Sendable {
  var objects: [StoredObject]
  var version: UInt64
  var continueToken: String?
  var remaining: Int?
}

extension APIServer {
  func render(_ reply: Reply, for call: ResourceCall) throws(StatusError) -> APIResponse {
    var headers: [(name: String, value: String)] = [
      ("server", Self.serverHeader), ("cache-control", "no-cache, private"),
    ]
    headers.append(contentsOf: Self.warningHeaders(reply.warnings))
    let definition = call.definition
    var body: [UInt8]
    switch (reply.content, call.format.shape) {
    case (.text(let text), _):
      headers.append(("content-type", "text/plain"))
      return APIResponse(status: reply.code, headers: headers, body: Array(text.utf8))
    case (.other(let json), _), (.object(let json), .full): body = json.serializedBytes()
    case (.object(let json), .metadata):
      body = MetadataOnly.object(json).serializedBytes()
    case (.object, .metadataList):
      throw StatusError(
        406, "NotAcceptable",
        "you requested PartialObjectMetadataList, but the requested object is not a list (\(definition.isCustom ? "*unstructured.Unstructured" : "*\(Self.internalPackage(definition)).\(definition.type.kind)"))"
      )
    case (.object(let json), .table):
      let version = json["metadata"]?["resourceVersion"]?.string ?? ""
      body =
        TableRendering(definition, includeObject: call.query["includeObject"], now: clock.now())
        .table([json], metadata: ["resourceVersion": .string(version)]).serializedBytes()
    case (.list(let list), .full): body = Self.bytes(of: list, definition)
    case (.list(let list), .table):
      body =
        TableRendering(definition, includeObject: call.query["includeObject"], now: clock.now())
        .table(
          list.objects.map { definition.presented($0.json) }, metadata: Self.metadata(of: list)
        )
        .serializedBytes()
    case (.list(let list), .metadata), (.list(let list), .metadataList):
      body = MetadataOnly.list(list, metadata: Self.metadata(of: list))
    }
    if call.format == .yaml {
      headers.append(("content-type", "application/yaml"))
      body = try YAMLBodies.yaml(fromJSON: body)
    } else {
      headers.append(("content-type", "application/json"))
    }
    if body.count > 128 * 1024, (call.header("accept-encoding") ?? "").contains("gzip") {
      headers.append(("content-encoding", "gzip"))
      body = GzipFraming.framed(body)
    }
    return APIResponse(status: reply.code, headers: headers, body: body)
  }

  private static func internalPackage(_ definition: ResourceDefinition) -> String {
    definition.type.group.isEmpty
      ? "core" : String(definition.type.group.prefix { $0 != "." })
  }

  private static func metadata(of list: ListResult) -> JSONObject {
    var metadata: JSONObject = ["resourceVersion": .string(String(list.version))]
    if let token = list.continueToken { metadata["continue"] = .string(token) }
    if let remaining = list.remaining { metadata["remainingItemCount"] = JSONValue(remaining) }
    return metadata
  }

  private static func bytes(of list: ListResult, _ definition: ResourceDefinition) -> [UInt8] {
    var metadata = metadata(of: list)
    if definition.isCustom, metadata["continue"] == nil { metadata["continue"] = "" }
    var bytes = Array(
      "{\"kind\":\"\(definition.listKind)\",\"apiVersion\":\"\(definition.type.apiVersion)\",\"metadata\":"
        .utf8)
    JSONValue.object(metadata).appendSerialized(to: &bytes)
    bytes.append(contentsOf: ",\"items\":[".utf8)
    for (i, object) in list.objects.enumerated() {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: definition.itemBytes(of: object))
    }
    bytes.append(contentsOf: "]}".utf8)
    return bytes
  }
}

/// PartialObjectMetadata (meta.k8s.io/v1): what metadata informers keep.
enum MetadataOnly {
  static func object(_ json: JSONValue) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
      "metadata": json["metadata"] ?? [:],
    ]
  }

  static func list(_ list: ListResult, metadata: JSONObject) -> [UInt8] {
    let json: JSONValue = [
      "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
      "metadata": .object(metadata), "items": .array(list.objects.map { object($0.json) }),
    ]
    return json.serializedBytes()
  }
}
