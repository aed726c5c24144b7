import JSON
import KubernetesAPI

/// An object as a store keeps it: compressed against others of its kind, with what decides about
/// newer and older beside it. A child of 1 to 3 KB costs a few hundred bytes, where its tree would
/// cost some 9 KB; reading one takes some microseconds.
struct PackedObject: Sendable {
  let resourceVersion: String?
  let uid: ObjectUID?
  let owners: ObjectOwners
  private let bytes: [UInt8]
  private let prototype: CompressionPrototype

  fileprivate init(
    resourceVersion: String?, uid: ObjectUID?, owners: ObjectOwners, bytes: [UInt8],
    prototype: CompressionPrototype
  ) {
    self.resourceVersion = resourceVersion
    self.uid = uid
    self.owners = owners
    self.bytes = prototype.compress(bytes)
    self.prototype = prototype
  }

  var version: ResourceVersion? { resourceVersion.flatMap { ResourceVersion($0) } }

  /// Down to `KubernetesObject.readDepth`.
  var object: KubernetesObject {
    var limits = JSONParseLimits.objects(inside: 0)
    limits.allowsDuplicateKeys = true
    // Why never null: what was packed was written by our own writer, or checked for all that these
    // limits refuse.
    let json = prototype.withDecompressed(bytes) { try? JSONValue(parsing: $0, limits: limits) }
    return KubernetesObject(json ?? .null)
  }

  var packedCount: Int { bytes.count }
}

/// Packs the objects of one store.
struct ObjectPacker: Sendable {
  private var prototype: CompressionPrototype?
  private var originalBytes = 0
  private var packedBytes = 0
  private var count = 0

  /// After so many objects it is judged whether the prototype is like the others. Twice as many each
  /// time, so that prototypes stay few where nothing is like anything.
  private var trial = 16

  mutating func pack(_ object: KubernetesObject) -> PackedObject {
    pack(
      object.json.serializedBytes(), resourceVersion: object.resourceVersion, uid: object.uid,
      owners: object.ownerReferences)
  }

  /// - Parameter bytes: JSON text.
  mutating func pack(
    _ bytes: [UInt8], resourceVersion: String?, uid: String?, owners: [OwnerReference]
  ) -> PackedObject {
    let isBad = count >= trial && packedBytes * 4 > originalBytes
    if prototype == nil || isBad { renew(with: bytes) }
    let prototype = self.prototype ?? CompressionPrototype(bytes)
    let packed = PackedObject(
      resourceVersion: resourceVersion, uid: uid.map { ObjectUID($0) },
      owners: ObjectOwners(owners.map { ObjectUID($0.uid) }), bytes: bytes, prototype: prototype)
    originalBytes += bytes.count
    packedBytes += packed.packedCount
    count += 1
    return packed
  }

  /// The first one may be unlike the rest, and kinds change over time.
  private mutating func renew(with bytes: [UInt8]) {
    prototype = CompressionPrototype(bytes)
    originalBytes = 0
    packedBytes = 0
    count = 0
    trial *= 2
  }
}

/// `metadata.ownerReferences[].uid`, of which nearly all objects have none or one.
enum ObjectOwners: Sendable, Hashable {
  case none
  case one(ObjectUID)
  case several([ObjectUID])

  init(_ uids: [ObjectUID]) {
    switch uids.count {
    case 0: self = .none
    case 1: self = .one(uids[0])
    default: self = .several(uids)
    }
  }

  var all: [ObjectUID] {
    switch self {
    case .none: []
    case .one(let uid): [uid]
    case .several(let uids): uids
    }
  }
}

/// `metadata.uid`: opaque, but nearly always a UUID, which takes a third of its text's room.
public struct ObjectUID: Sendable, Hashable {
  private enum Form: Hashable {
    case uuid(UInt64, UInt64)
    case other(String)
  }

  private let form: Form

  public init(_ text: String) {
    var text = text
    let words = text.withUTF8 { Self.words($0) }
    form = words.map { .uuid($0, $1) } ?? .other(text)
  }

  /// Of a UUID in its canonical form only, so that different texts stay different.
  private static func words(_ text: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64)? {
    guard text.count == 36 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for (i, byte) in text.enumerated() {
      if i == 8 || i == 13 || i == 18 || i == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      if digits < 16 {
        words.0 = words.0 << 4 | UInt64(digit)
      } else {
        words.1 = words.1 << 4 | UInt64(digit)
      }
      digits += 1
    }
    return words
  }
}
