public import JSON

/// An object as a server sent it: its JSON text, of which only what tells objects and their versions
/// apart has been read. Most objects that come are known already, or only to be kept.
public struct ObjectText: Sendable {
  public let key: ObjectKey
  public let uid: String?
  public let resourceVersion: String?
  public let resource: ResourceType
  private let bytes: ArraySlice<UInt8>

  /// Reads as far as it has to; what follows is looked at when it is used.
  ///
  /// - Parameter bytes: one JSON document.
  public init(_ bytes: ArraySlice<UInt8>, of resource: ResourceType) throws(JSONParseError) {
    let result: Result<Head, JSONParseError> = bytes.withUnsafeBufferPointer { bytes in
      do throws(JSONParseError) {
        return .success(try Head(reading: bytes))
      } catch {
        return .failure(error)
      }
    }
    let head = try result.get()
    key = ObjectKey(namespace: head.namespace, name: head.name ?? "")
    uid = head.uid
    resourceVersion = head.resourceVersion
    self.resource = resource
    self.bytes = bytes
  }

  /// The whole object down to `KubernetesObject.readDepth`, without its managed fields.
  public func object() throws(JSONParseError) -> KubernetesObject {
    let limits = JSONParseLimits.objects(inside: 0, omittedMember: ["metadata", "managedFields"])
    return resource.object(try JSONValue(parsing: bytes, limits: limits))
  }

  /// What is to be kept of the object, however deep it is.
  ///
  /// - Parameters:
  ///   - members: which members, beside the metadata, the kind and its version; nil is all of
  ///     them. Managed fields and kubectl's copy of the last applied configuration are left out.
  ///   - omittedAnnotations: further annotations that are left out.
  public func excerpt(
    keeping members: [String]?, omittingAnnotations omittedAnnotations: [String] = []
  ) throws(JSONParseError) -> ObjectExcerpt {
    let result: Result<ObjectExcerpt, JSONParseError> = bytes.withUnsafeBufferPointer { bytes in
      do throws(JSONParseError) {
        var writer = ExcerptWriter(
          bytes: bytes, resource: resource, members: members, omittedAnnotations: omittedAnnotations
        )
        return .success(try writer.excerpt())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// The JSON text of what is kept of an object, with what an index needs.
public struct ObjectExcerpt: Sendable {
  public var bytes: [UInt8]
  public var owners: [OwnerReference]
}

/// What comes early in every object's text.
private struct Head {
  var name: String?
  var namespace: String?
  var uid: String?
  var resourceVersion: String?

  init(reading bytes: UnsafeBufferPointer<UInt8>) throws(JSONParseError) {
    var text = JSONText(bytes)
    guard try text.enterObject() else { return }
    repeat {
      let name = try text.name()
      if bytes.has("metadata", at: name), text.isAtObject {
        if try readMetadata(&text, bytes) { return }
      } else {
        try text.pass()
      }
    } while try text.hasNextMember()
    try text.end()
  }

  /// - Returns: whether nothing more has to be read.
  private mutating func readMetadata(
    _ text: inout JSONText, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONParseError) -> Bool {
    guard try text.enterObject() else { return false }
    repeat {
      let member = try text.name()
      if bytes.has("name", at: member) {
        name = try text.value().string
      } else if bytes.has("namespace", at: member) {
        namespace = try text.value().string
      } else if bytes.has("uid", at: member) {
        uid = try text.value().string
      } else if bytes.has("resourceVersion", at: member) {
        resourceVersion = try text.value().string
        // API servers write them in this order, the namespace before the other two.
        if name != nil, uid != nil { return true }
      } else {
        try text.pass()
      }
    } while try text.hasNextMember()
    return false
  }
}

/// Copies what is kept.
private struct ExcerptWriter {
  let bytes: UnsafeBufferPointer<UInt8>
  let resource: ResourceType
  let members: [String]?
  let omittedAnnotations: [String]
  var output: [UInt8] = []
  var owners: [OwnerReference] = []

  init(
    bytes: UnsafeBufferPointer<UInt8>, resource: ResourceType, members: [String]?,
    omittedAnnotations: [String]
  ) {
    self.omittedAnnotations = omittedAnnotations
    self.bytes = bytes
    self.resource = resource
    self.members = members
  }

  mutating func excerpt() throws(JSONParseError) -> ObjectExcerpt {
    output.reserveCapacity(bytes.count)
    var text = JSONText(bytes)
    // As `ResourceType.object` puts them: items and partial objects come without them.
    output.append(contentsOf: "{\"kind\":".utf8)
    JSONValue.string(resource.kind).appendSerialized(to: &output)
    output.append(contentsOf: ",\"apiVersion\":".utf8)
    JSONValue.string(resource.apiVersion).appendSerialized(to: &output)
    if try text.enterObject() {
      repeat {
        let start = text.position
        let name = try text.name()
        if bytes.has("kind", at: name) || bytes.has("apiVersion", at: name) {
          try text.pass()
        } else if bytes.has("metadata", at: name), text.isAtObject {
          output.append(contentsOf: ",\"metadata\":{".utf8)
          try copyMetadata(&text)
          output.append(UInt8(ascii: "}"))
        } else {
          try text.pass()
          if members?.contains(where: { bytes.has($0, at: name) }) ?? true {
            output.append(UInt8(ascii: ","))
            output.append(contentsOf: bytes.part(start..<text.position))
          }
        }
      } while try text.hasNextMember()
    }
    try text.end()
    output.append(UInt8(ascii: "}"))
    return ObjectExcerpt(bytes: output, owners: owners)
  }

  private mutating func copyMetadata(_ text: inout JSONText) throws(JSONParseError) {
    guard try text.enterObject() else { return }
    var isFirst = true
    repeat {
      let start = text.position
      let name = try text.name()
      if bytes.has("managedFields", at: name) {
        try text.pass()
        continue
      }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      if bytes.has("annotations", at: name), text.isAtObject {
        output.append(contentsOf: "\"annotations\":{".utf8)
        try copyAnnotations(&text)
        output.append(UInt8(ascii: "}"))
        continue
      }
      if bytes.has("ownerReferences", at: name) {
        owners = try text.value().array?.compactMap(OwnerReference.init) ?? []
      } else {
        try text.pass()
      }
      output.append(contentsOf: bytes.part(start..<text.position))
    } while try text.hasNextMember()
  }

  private mutating func copyAnnotations(_ text: inout JSONText) throws(JSONParseError) {
    guard try text.enterObject() else { return }
    var isFirst = true
    repeat {
      let start = text.position
      let name = try text.name()
      try text.pass()
      if bytes.has("kubectl.kubernetes.io/last-applied-configuration", at: name)
        || omittedAnnotations.contains(where: { bytes.has($0, at: name) })
      {
        continue
      }
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      output.append(contentsOf: bytes.part(start..<text.position))
    } while try text.hasNextMember()
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// A name that is written with escapes is never the same; API servers write none.
  fileprivate func has(_ name: StaticString, at range: Range<Int>) -> Bool {
    guard range.count == name.utf8CodeUnitCount else { return false }
    for i in 0..<range.count where self[range.lowerBound + i] != name.utf8Start[i] {
      return false
    }
    return true
  }

  fileprivate func has(_ name: String, at range: Range<Int>) -> Bool {
    name.utf8.count == range.count && self[range].elementsEqual(name.utf8)
  }

  fileprivate func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: self[range])
  }
}
