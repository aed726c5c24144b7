import JSON
import Testing

@Suite struct JSONPatchTests {
  /// RFC 6902 appendix A: document, patch, result.
  @Test(arguments: [
    (
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
      #"{"baz":"qux","foo":"bar"}"#
    ),
    (
      #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
      #"{"foo":["bar","qux","baz"]}"#
    ),
    (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
    (
      #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
      #"{"foo":["bar","baz"]}"#
    ),
    (
      #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
      #"{"baz":"boo","foo":"bar"}"#
    ),
    (
      #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
      #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
    ),
    (
      #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
      #"{"foo":["all","cows","eat","grass"]}"#
    ),
    (
      #"{"baz":"qux","foo":["a",2,"c"]}"#,
      #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
      #"{"baz":"qux","foo":["a",2,"c"]}"#
    ),
    (
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
      #"{"foo":"bar","child":{"grandchild":{}}}"#
    ),
    (
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
      #"{"foo":"bar","baz":"qux"}"#
    ),
    (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
    (
      #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
      #"{"foo":["bar",["abc","def"]]}"#
    ),
    (
      #"{"a":1}"#,
      #"[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"","value":[]}]"#, "[]"
    ),
    (
      #"{"a":{"b":1}}"#,
      #"[{"op":"move","from":"/a","path":"/a"},{"op":"copy","from":"","path":"/a/c"}]"#,
      #"{"a":{"b":1,"c":{"a":{"b":1}}}}"#
    ),
    (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
    (
      #"{"a":null}"#,
      #"[{"op":"test","path":"/a","value":null},{"op":"add","path":"/a","value":null}]"#,
      #"{"a":null}"#
    ),
  ])
  func appliesTheExamplesOfTheRFC(document: String, patch: String, result: String) throws {
    let patch = try JSONPatch(JSONValue(parsing: patch))
    let value = try patch.applied(to: JSONValue(parsing: document))
    #expect(value == (try JSONValue(parsing: result)))
    #expect(try JSONPatch(patch.value) == patch)
  }

  @Test(
    arguments: [
      (
        #"{"foo":"bar"}"#,
        #"[{"op":"add","path":"/x","value":1},{"op":"add","path":"/baz/bat","value":"qux"}]"#, 1,
        .pathNotFound
      ),
      (#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, 0, .testFailed),
      (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, 0, .testFailed),
      (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, 0, .testFailed),
      (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, 0, .pathNotFound),
      (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, 0, .pathNotFound),
      (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, 0, .pathNotFound),
      (#"{"a":[1]}"#, #"[{"op":"remove","path":"/a/-"}]"#, 0, .pathNotFound),
      (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, 0, .malformed),
      (#"{"a":1}"#, #"[{"op":"copy","from":"/b","path":"/c"}]"#, 0, .pathNotFound),
      (#"{"a":1}"#, #"[{"op":"move","from":"/b","path":"/b"}]"#, 0, .pathNotFound),
    ] as [(String, String, Int, JSONPatchError.Reason)])
  func failsWithTheIndexOfTheOperation(
    document: String, patch: String, index: Int, reason: JSONPatchError.Reason
  ) throws {
    let patch = try JSONPatch(JSONValue(parsing: patch))
    let document = try JSONValue(parsing: document)
    let error = #expect(throws: JSONPatchError.self) { _ = try patch.applied(to: document) }
    #expect(error?.index == index)
    #expect(error?.reason == reason)
    #expect(error?.description.contains("operation \(index) (") == true)
  }

  @Test(arguments: [
    "{}", "1", "[1]", "[{}]", #"[{"op":1}]"#, #"[{"op":"nope","path":"/a"}]"#,
    #"[{"op":"add","path":"/a"}]"#,
    #"[{"op":"add","value":1}]"#, #"[{"op":"add","path":"a","value":1}]"#,
    #"[{"op":"add","path":"/~","value":1}]"#,
    #"[{"op":"move","path":"/a"}]"#, #"[{"op":"copy","path":"/a","from":3}]"#,
    #"[{"op":"test","path":"/a"}]"#,
    #"[{"op":"replace","path":null,"value":1}]"#,
  ])
  func refusesMalformed(text: String) throws {
    let value = try JSONValue(parsing: text)
    let error = #expect(throws: JSONPatchError.self) { _ = try JSONPatch(value) }
    #expect(error?.reason == .malformed)
  }

  /// Each operation doubles the document; 64 of them would be 2^64 values.
  @Test func boundsChainsOfCopies() throws {
    let copy = JSONPatch.Operation.copy(from: JSONPointer(), to: JSONPointer(tokens: ["-"]))
    let error = #expect(throws: JSONPatchError.self) {
      _ = try JSONPatch(Array(repeating: copy, count: 64)).applied(to: [1])
    }
    #expect(error?.reason == .tooLarge)
    let many = JSONValue.array(Array(repeating: ["op": "remove", "path": "/a"], count: 10_001))
    #expect(throws: JSONPatchError.self) { _ = try JSONPatch(many) }
  }
}
