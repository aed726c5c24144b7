import JSON
import KubernetesAPI
import Simulation
import Testing

@testable import ControllerRuntime

@Suite struct PackedObjectTests {
  private func unpacked(_ packed: [UInt8], _ prototype: CompressionPrototype) -> [UInt8] {
    prototype.withDecompressed(packed) { Array($0) }
  }

  @Test(arguments: 0..<200) func everythingComesBack(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    // Few different bytes make many matches, overlapping ones too.
    let alphabet = UInt8([1, 2, 4, 255].randomElement(using: &random) ?? 2)
    func bytes(_ limit: Int) -> [UInt8] {
      (0..<Int.random(in: 0...limit, using: &random)).map { _ in
        UInt8.random(in: 0...alphabet, using: &random)
      }
    }
    let prototype = CompressionPrototype(bytes(seed.isMultiple(of: 3) ? 20_000 : 300))
    for _ in 0..<20 {
      var input = bytes(2000)
      if Bool.random(using: &random) { input += prototype.bytes.prefix(500) + bytes(20) }
      #expect(unpacked(prototype.compress(input), prototype) == input)
    }
    let long = Array(repeating: bytes(40), count: 3000).flatMap { $0 } + bytes(70_000)
    #expect(unpacked(prototype.compress(long), prototype) == long)
  }

  /// Its own bytes never are, but nothing may be read or written beside them.
  /// They are kept for as long as the object.
  @Test func noRoomIsLeftOver() {
    let text = Array(String(repeating: #"{"kind":"Deployment","name":"support"},"#, count: 80).utf8)
    let packed = CompressionPrototype(text).compress(text)
    #expect(packed.count < 40)
    // What malloc rounds up to.
    #expect(packed.capacity < packed.count + 32)
  }

  @Test(arguments: 0..<200) func damagedBytesGiveNothingOrAsMuch(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let prototype = CompressionPrototype(Array("abcdefgh".utf8))
    var packed = prototype.compress(Array(String(repeating: "abcdefghij", count: 20).utf8))
    let whole = 200
    for _ in 0..<3 {
      packed[Int.random(in: 2..<packed.count, using: &random)] = .random(
        in: 0...255, using: &random)
    }
    #expect([0, whole].contains(unpacked(packed, prototype).count))
    #expect(unpacked(Array(packed.dropLast(3)), prototype).isEmpty)
  }

  @Test func objectsOfOneKindShareWhatTheyHaveInCommon() throws {
    var packer = ObjectPacker()
    func object(_ number: Int) -> KubernetesObject {
      var object = configMap("agent-\(number)", uid: uid(number), version: 1000 + number)
      object["data"] = .object(
        JSONObject((0..<30).map { (key: "KEY_\($0)", value: "the value number \($0)") }))
      return object
    }
    func uid(_ number: Int) -> String { "6f1c3d7e-58a2-4c55-9c1e-0000000\(10_000 + number)" }
    // Unlike all others, and yet the first.
    _ = packer.pack(KubernetesObject(["metadata": ["name": "x"]]))
    var packed: [PackedObject] = []
    for number in 0..<100 { packed.append(packer.pack(object(number))) }
    for (number, packed) in packed.enumerated() {
      #expect(packed.object == object(number))
      #expect(packed.uid == ObjectUID(uid(number)))
      #expect(packed.version == object(number).resourceVersion.flatMap { ResourceVersion($0) })
    }
    let last = try #require(packed.last)
    #expect(object(99).json.serializedBytes().count > 1000)
    #expect(last.packedCount < 200)
  }

  @Test func differentUIDsStayDifferent() {
    let texts = [
      "6f1c3d7e-58a2-4c55-9c1e-000000000001", "6f1c3d7e-58a2-4c55-9c1e-000000000002",
      "6F1C3D7E-58A2-4C55-9C1E-000000000001", "6f1c3d7e-58a2-4c55-9c1e-00000000000", "uid-1", "",
      "6f1c3d7e-58a2-4c55-9c1e-00000000000é", "6f1c3d7e-58a2-4c55-9c1e0-00000000001",
    ]
    #expect(Set(texts.map { ObjectUID($0) }).count == texts.count)
    #expect(ObjectUID(texts[0]) == ObjectUID(texts[0]))
  }

  /// A server never gives one version two contents, so the content that is not taken tells that the
  /// known object is kept instead.
  @Test func whatAListHasUnchangedIsSharedWithWhatIsKnown() {
    let store = ObjectStore(.configMaps)
    _ = store.replace(
      with: ["a", "b"].map { configMap($0, version: 5, data: "known") }, version: "10")
    let listed = [
      configMap("a", version: 5, data: "of the list"),
      configMap("a", uid: "another", version: 5, data: "of the list"),
      configMap("b", version: 6, data: "of the list"),
    ]
    let values = listed.compactMap { store.pack($0)?.object.object["data"]?["value"]?.string }
    #expect(values == ["known", "of the list", "of the list"])
  }
}
