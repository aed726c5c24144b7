import Foundation
import JSON
import Simulation
import Testing

@Suite struct JSONRoundTripTests {
  @Test(arguments: 0..<8)
  func everyFormReadsBackAsTheSameValue(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let value = generator.value()
      for options in [
        JSONWritingOptions(), .sortedKeys, .prettyPrinted, [.sortedKeys, .prettyPrinted],
      ] {
        let bytes = value.serializedBytes(options)
        let back = try JSONValue(parsing: bytes)
        #expect(back == value)
        // Swift's string equality is canonical equivalence; the bytes say more.
        #expect(back.serializedBytes(options) == bytes)
      }
    }
  }

  @Test func canonicalFormIgnoresTheOrderOfMembers() throws {
    var generator = SeededGenerator(seed: 99)
    for _ in 0..<200 {
      guard case .object(let object) = generator.value() else { continue }
      var shuffled = JSONObject()
      for (key, value) in Array(object).shuffled(using: &generator) { shuffled[key] = value }
      #expect(JSONValue.object(shuffled) == .object(object))
      #expect(
        JSONValue.object(shuffled).serialized(.canonical)
          == JSONValue.object(object).serialized(.canonical))
    }
  }

  /// An independent parser takes what the writer writes for the same value.
  @Test func foundationReadsTheSame() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let text = generator.string()
      let bytes = JSONValue.array([.string(text)]).serializedBytes()
      let read = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String]
      #expect(read.map { $0.map { Array($0.utf8) } } == [Array(text.utf8)])
    }
  }
}
