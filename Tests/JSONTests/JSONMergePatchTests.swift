import JSON
import Simulation
import Testing

@Suite struct JSONMergePatchTests {
  /// RFC 7386 appendix A: original, patch, result.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
    (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
    (#"{"a":"foo"}"#, #"null"#, #"null"#),
    (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func appliesTheExamplesOfTheRFC(original: String, patch: String, result: String) throws {
    var value = try JSONValue(parsing: original)
    value.applyMergePatch(try JSONValue(parsing: patch))
    #expect(value == (try JSONValue(parsing: result)))
  }

  @Test func theDifferenceLeadsFromOneToTheOther() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      let old = generator.value().withoutNulls
      let new = (Bool.random(using: &generator) ? generator.value() : generator.changed(old))
        .withoutNulls
      let patch = JSONValue.mergePatch(from: old, to: new)
      #expect(old.applyingMergePatch(patch) == new)
      if case .object = old { #expect(JSONValue.mergePatch(from: old, to: old) == [:]) }
    }
  }

  @Test func theDifferenceIsSmall() {
    let old: JSONValue = ["a": 1, "b": ["c": 1, "d": 2], "e": [1, 2]]
    let new: JSONValue = ["a": 1, "b": ["c": 1, "d": 3], "f": true]
    #expect(JSONValue.mergePatch(from: old, to: new) == ["b": ["d": 3], "f": true, "e": nil])
  }
}

extension JSONValue {
  fileprivate var withoutNulls: JSONValue {
    guard case .object(let object) = self else { return self }
    var result = JSONObject()
    for (key, value) in object where !value.isNull { result[key] = value.withoutNulls }
    return .object(result)
  }
}

extension SeededGenerator {
  fileprivate mutating func changed(_ value: JSONValue) -> JSONValue {
    guard case .object(let object) = value else { return self.value(depth: 2) }
    var result = JSONObject()
    for (key, value) in object {
      switch Int.random(in: 0..<4, using: &self) {
      case 0: continue
      case 1: result[key] = changed(value)
      default: result[key] = value
      }
    }
    result[string()] = self.value(depth: 1)
    return .object(result)
  }
}
