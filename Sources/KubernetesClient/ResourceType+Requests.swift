import JSON
import KubernetesAPI

extension ResourceType {
  /// The percent-encoded path of the collection.
  func collectionPath(namespace: String?) throws(APIStatus) -> String {
    path(namespace: try namespace.map { n throws(APIStatus) in try Self.segment(n, "namespace") })
  }

  /// The percent-encoded path of one object. A namespaced object without a namespace is meant to be
  /// in `default`, as kubectl means it.
  func objectPath(_ key: ObjectKey, subresource: String? = nil) throws(APIStatus) -> String {
    path(
      namespace: try Self.segment(key.namespace ?? "default", "namespace"),
      name: try Self.segment(key.name, "name"), subresource: subresource)
  }

  /// Why so strict: an empty name would turn a read or delete of one object into one of all.
  private static func segment(_ text: String, _ what: String) throws(APIStatus) -> String {
    guard !text.isEmpty, text != ".", text != "..", !text.utf8.contains(UInt8(ascii: "/")) else {
      throw APIStatus(
        code: 400, reason: "BadRequest", message: "\"\(text)\" cannot be the \(what) of an object")
    }
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        encoded += hex.utf8.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return encoded
  }
}
