import JSON
import KubernetesAPI
import Testing

@Suite struct LabelSelectorTests {
  @Test(
    arguments: [
      ("", ""), ("a=b", "a=b"), ("a==b", "a=b"), ("c!=d", "c!=d"), ("e in (y,x)", "e in (x,y)"),
      ("e in (x)", "e=x"), ("f notin (x, y)", "f notin (x,y)"), ("!g", "!g"), ("! g", "!g"),
      ("h", "h"),
      ("a=b,c!=d,e in (x,y),!f,g", "a=b,c!=d,e in (x,y),!f,g"), (" a = b , c ", "a=b,c"),
      ("a=", "a="), ("n>3", "n>3"), ("n<3", "n<3"), ("in in (in,notin)", "in in (in,notin)"),
      ("app.kubernetes.io/name=x", "app.kubernetes.io/name=x"), ("a in (,b)", "a in (,b)"),
    ] as [(String, String)])
  func textForm(text: String, canonical: String) throws {
    let selector = try LabelSelector(parsing: text)
    #expect(selector.description == canonical)
    #expect(try LabelSelector(parsing: canonical) == selector)
  }

  @Test(arguments: [
    ",", "a=b,", "a=b c=d", "a in x", "a in (x", "a in (x y)", "!", "=b", "a>b", "a=b=c",
    "a in ()x",
    "-a=b", "a=b d", "a!b", "x=a/b", "a,,b",
  ])
  func refusals(text: String) {
    #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
  }

  @Test(
    arguments: [
      ("a=1", true), ("a=2", false), ("a!=2", true), ("z!=2", true), ("a!=1", false), ("a", true),
      ("z", false), ("!z", true), ("!a", false), ("a in (1,2)", true), ("z in (1)", false),
      ("z notin (1)", true), ("a notin (1)", false), ("a>0", true), ("a>1", false), ("a<2", true),
      ("z<2", false), ("b>1", false), ("a=1,b=x", true), ("a=1,b=y", false), ("", true),
    ] as [(String, Bool)])
  func matching(text: String, expected: Bool) throws {
    #expect(try LabelSelector(parsing: text).matches(["a": "1", "b": "x"]) == expected)
  }

  @Test func objectForm() throws {
    let json = try JSONValue(
      parsing: """
        {"matchLabels": {"b": "2", "a": "1"}, "matchExpressions": [
          {"key": "c", "operator": "In", "values": ["x", "y"]}, {"key": "d", "operator": "Exists"},
          {"key": "e", "operator": "DoesNotExist"}, {"key": "f", "operator": "NotIn", "values": ["z"]}]}
        """)
    let selector = try LabelSelector(json)
    #expect(selector.description == "a=1,b=2,c in (x,y),d,!e,f!=z")
    #expect(selector.json == json)
    #expect(try LabelSelector(JSONValue.object([:])).matches(["any": "thing"]))
  }

  @Test(
    arguments: [
      (#"[]"#, "expected an object"), (#"{"matchlabels": {}}"#, "matchlabels"),
      (#"{"matchLabels": {"a": 1}}"#, "matchLabels[a]"), (#"{"matchLabels": []}"#, "matchLabels"),
      (#"{"matchExpressions": [{"key": "a", "operator": "Is"}]}"#, "matchExpressions[0]"),
      (#"{"matchExpressions": [{"key": "a", "operator": "In"}]}"#, "needs values"),
      (#"{"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]}"#, "Gt"),
      (#"{"matchExpressions": [{"operator": "Exists"}]}"#, "key"),
      (#"{"matchLabels": {"a b": "1"}}"#, "a b"),
    ] as [(String, String)])
  func objectRefusals(text: String, expected: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: SelectorError.self) { try LabelSelector(json) }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
  }
}
