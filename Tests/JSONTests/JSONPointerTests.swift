import JSON
import Testing

@Suite struct JSONPointerTests {
  /// The document and the table of RFC 6901 section 5.
  @Test func readsTheExamplesOfTheRFC() throws {
    let document: JSONValue = [
      "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6,
      " ": 7, "m~n": 8,
    ]
    let expected: [(String, JSONValue)] = [
      ("", document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1),
      ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
    ]
    for (text, value) in expected {
      let pointer = try JSONPointer(text)
      #expect(document[pointer] == value)
      #expect(pointer.description == text)
    }
  }

  @Test(arguments: ["a", "a/b", "/~", "/a~", "/~2", "/~a/b", "#/a"])
  func refusesMalformed(text: String) {
    let error = #expect(throws: JSONPointerError.self) { _ = try JSONPointer(text) }
    #expect(error?.reason == .malformed)
  }

  @Test(arguments: [
    "/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/x", "/none", "/foo/0/x", "/foo/+1",
  ])
  func missingValuesAreNil(text: String) throws {
    let document: JSONValue = ["foo": ["bar", "baz"]]
    #expect(document[try JSONPointer(text)] == nil)
  }

  @Test func escapesInTheRightOrder() throws {
    #expect(JSONPointer(tokens: ["~1", "/", "~"]).description == "/~01/~1/~0")
    #expect(try JSONPointer("/~01").tokens == ["~1"])
  }

  @Test func setsInsertsAndRemoves() throws {
    var document: JSONValue = ["a": ["b": [1, 2, 3]]]
    try document.set(9, at: JSONPointer("/a/b/1"))
    try document.set(4, at: JSONPointer("/a/b/-"))
    try document.insert(0, at: JSONPointer("/a/b/0"))
    try document.insert(5, at: JSONPointer("/a/b/5"))
    try document.set("x", at: JSONPointer("/a/c"))
    #expect(document == ["a": ["b": [0, 1, 9, 3, 4, 5], "c": "x"]])
    #expect(try document.remove(at: JSONPointer("/a/b/2")) == 9)
    #expect(try document.remove(at: JSONPointer("/a/c")) == "x")
    #expect(document == ["a": ["b": [0, 1, 3, 4, 5]]])
    try document.set("all", at: JSONPointer(""))
    #expect(document == "all")
    #expect(try document.remove(at: JSONPointer()) == "all")
    #expect(document == .null)
  }

  @Test func failuresChangeNothing() throws {
    let before: JSONValue = ["a": ["b": [1, 2, 3]], "s": "x"]
    var document = before
    for text in ["/a/b/4", "/a/b/01", "/x/y", "/s/t", "/a/b/0/q", "/a/b/x"] {
      let pointer = try JSONPointer(text)
      #expect(throws: JSONPointerError.self) { try document.set(1, at: pointer) }
      #expect(throws: JSONPointerError.self) { try document.insert(1, at: pointer) }
      #expect(throws: JSONPointerError.self) { try document.remove(at: pointer) }
    }
    #expect(throws: JSONPointerError.self) { try document.remove(at: JSONPointer("/a/none")) }
    #expect(document == before)
  }
}
