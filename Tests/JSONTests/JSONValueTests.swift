import JSON
import Testing

@Suite struct JSONValueTests {
  @Test func parsesWhatItWrites() throws {
    let text = #"{"b":[1,-2,3.5,1e+30,true,false,null,"a\"\\\n\u0001é😀"],"a":{}}"#
    let value = try JSONValue(parsing: text)
    #expect(try JSONValue(parsing: value.serialized()) == value)
    #expect(value["b"]?[1] == .int(-2))
    #expect(value.serialized(.canonical).hasPrefix(#"{"a":{},"b":"#))
  }

  @Test func nestedMutationKeepsOrder() {
    var value: JSONValue = ["a": 1, "m": ["x": "y"]]
    value["m"]?["z"] = 3
    value["new"] = [1, 2]
    value["a"] = nil
    #expect(value.serialized() == #"{"m":{"x":"y","z":3},"new":[1,2]}"#)
  }

  @Test func equalityIgnoresOrder() {
    let a: JSONValue = ["a": 1, "b": 2]
    let b: JSONValue = ["b": 2, "a": 1]
    #expect(a == b)
    #expect(a.hashValue == b.hashValue)
  }

  @Test func largeObjectsStayConsistent() {
    var object = JSONObject()
    for i in 0..<1000 { object["k\(i)"] = JSONValue(i) }
    let copy = object
    object["k5"] = nil
    object["k1000"] = 1000
    #expect(copy.count == 1000 && copy["k5"] == 5 && copy["k1000"] == nil)
    #expect(object.count == 1000 && object["k5"] == nil && object["k999"] == 999)
  }
}
