import JSON
import Testing

@testable import EmbeddedCluster

/// What a definition with a faulty rule is refused for.
@Suite struct ExpressionsCompilationTests {
  static let object = CELType.object(
    CELObjectType(name: "selfType", fields: ["a": .int, "b": .string, "l": .list(.string)]))

  static func error(_ source: String) -> String? {
    do {
      _ = try CELExpression(source, variables: [("self", object)])
      return nil
    } catch {
      return error.text
    }
  }

  @Test func displaysPlaceAndLine() {
    #expect(
      Self.error("self.nope > 1") == """
        ERROR: <input>:1:5: undefined field 'nope'
         | self.nope > 1
         | ....^
        """)
    #expect(
      Self.error("true &&\n  foo") == """
        ERROR: <input>:2:3: undeclared reference to 'foo' (in container '')
         |   foo
         | ..^
        """)
  }

  @Test(arguments: [
    ("self.a + self.b", "1:8: found no matching overload for '_+_' applied to '(int, string)'"),
    ("self.a > '1'", "1:8: found no matching overload for '_>_' applied to '(int, string)'"),
    ("self.b == 1", "1:8: found no matching overload for '_==_' applied to '(string, int)'"),
    ("self.b == null", "1:8: found no matching overload for '_==_' applied to '(string, null)'"),
    ("self.a.size()", "1:12: found no matching overload for 'size' applied to 'int.()'"),
    ("self.b.nope()", "1:12: undeclared reference to 'nope' (in container '')"),
    ("self.a && true", "1:8: found no matching overload for '_&&_' applied to '(int, bool)'"),
    ("self.a ? 1 : 2", "1:8: found no matching overload for '_?_:_' applied to '(int, int, int)'"),
    (
      "true ? 1 : 'a'",
      "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"
    ),
    ("self.a.x", "1:7: type 'int' does not support field selection"),
    ("self.a.all(x, true)", "1:5: expression of type 'int' cannot be range of a comprehension"),
    ("self.l.all(x, x)", "1:15: expected type 'bool' but found 'string'"),
    ("self.l.all(x.y, true)", "1:13: argument must be a simple name"),
    ("[1, 'a']", "1:5: expected type 'int' but found 'string'"),
    ("has(self)", "1:5: invalid argument to has() macro"),
    ("1 +", "1:4: Syntax error: mismatched input '<EOF>' expecting {"),
    ("(1", "1:3: Syntax error: mismatched input '<EOF>' expecting ')'"),
    ("1 2", "1:3: Syntax error: mismatched input '2' expecting <EOF>"),
    ("'abc", "1:1: Syntax error: token recognition error at: ''abc'"),
    ("a # b", "1:3: Syntax error: token recognition error at: '#'"),
    ("for", "1:1: Syntax error: reserved identifier: for"),
    ("99999999999999999999", "1:1: invalid int literal"), ("", "1:1: Syntax error"),
    ("self.b.matches('(')", "1:16: invalid matches argument"),
    ("duration('1x')", "1:10: invalid duration argument"),
    ("self.l[?0] == 'x'", "1:12: found no matching overload for '_==_'"),
    ("self.l.exists(x, y)", "1:18: undeclared reference to 'y'"),
  ])
  func refuses(_ source: String, _ message: String) {
    let error = Self.error(source) ?? "compiles"
    #expect(error.hasPrefix("ERROR: <input>:" + message), "\(error)")
  }

  @Test(arguments: [
    "self.l.all(x, x.size() > 0)", "(has(self.a) ? 1 : 0) + (has(self.b) ? 1 : 0) == 1",
    "(has(self.l) ? self.l : []).exists(k, k.contains('/'))", "self == self", "dyn(self.a) == 'x'",
    "self.?a.orValue(3) > 1", "self.l.map(x, size(x)).sum() > 3", "{'a': [1]}.a[0] == 1",
  ])
  func accepts(_ source: String) {
    #expect(Self.error(source) == nil)
  }

  @Test func fieldNamesAreUnescaped() {
    let names = [
      "__namespace__": "namespace", "a__dash__b": "a-b", "a__dot__b": "a.b", "a__slash__b": "a/b",
      "a__underscores__b": "a__b", "plain": "plain", "_x_y": "_x_y", "__in__": "in",
    ]
    for (escaped, name) in names { #expect(CELFieldName.unescaped(escaped) == name) }
    #expect(CELFieldName.unescaped("__nonsense__") == nil)
    #expect(CELFieldName.unescaped("namespace") == nil)
  }
}
