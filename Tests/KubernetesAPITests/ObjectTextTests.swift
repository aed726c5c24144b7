import JSON
import KubernetesAPI
import Testing

@Suite struct ObjectTextTests {
  private func text(_ json: String, _ resource: ResourceType = .configMaps) throws -> ObjectText {
    try ObjectText(Array(json.utf8)[...], of: resource)
  }

  private let full = #"""
     {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n","uid":"u-1",
     "resourceVersion":"42","generation":3,"labels":{"l":"1"},
     "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"a\":[]}","k":"v\n"},
     "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"o-1","controller":true}],
     "managedFields":[{"manager":"m","fieldsV1":{"f:x":{"]":"}"}}}],"finalizers":[]},
     "data":{"x":"\u00e4ö","y":""}, "status" : {"n":[1,-2.5e3,null,true]} }
    """#

  @Test func readsWhatTellsObjectsAndVersionsApart() throws {
    let object = try text(full)
    #expect(object.key == ObjectKey(namespace: "n", name: "a"))
    #expect(object.uid == "u-1")
    #expect(object.resourceVersion == "42")
    let late = try text(#"{"x":{"metadata":{"name":"no"}},"metadata":{"uid":"u","name":"b"}}"#)
    #expect(late.key == ObjectKey(namespace: nil, name: "b"))
    #expect(late.uid == "u" && late.resourceVersion == nil)
    #expect(try text("{}").key.name == "")
    #expect(throws: JSONParseError.self) { try text(#"{"metadata":{"name":"#) }
    #expect(throws: JSONParseError.self) { try text("[]") }
  }

  @Test func keepsAllButWhatNobodyReads() throws {
    let excerpt = try text(full).excerpt(keeping: nil)
    var expected = try JSONValue(parsing: full)
    expected["metadata"]?["managedFields"] = nil
    expected["metadata"]?["annotations"] = ["k": "v\n"]
    #expect(try JSONValue(parsing: excerpt.bytes) == expected)
    let shorter = try text(full).excerpt(keeping: nil, omittingAnnotations: ["x", "k"])
    expected["metadata"]?["annotations"] = [:]
    #expect(try JSONValue(parsing: shorter.bytes) == expected)
    #expect(excerpt.owners.map(\.uid) == ["o-1"])
    #expect(excerpt.owners.first?.isController == true)
  }

  /// As deep as API servers take it.
  @Test func aDeepObjectIsReadButForWhatLiesTooDeep() throws {
    let nested = String(repeating: "{\"a\":[", count: 4500) + String(repeating: "]}", count: 4500)
    let deep = try text(
      """
      {"spec":\(nested),"metadata":{"managedFields":[{"fieldsV1":\(nested)}],"x":\(nested),
      "name":"a","uid":"u","resourceVersion":"7",
      "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"o"},\(nested)]},"data":1}
      """)
    #expect(deep.key.name == "a" && deep.uid == "u" && deep.resourceVersion == "7")
    let object = try deep.object()
    #expect(object["data"] == 1 && object.isTooDeep)
    #expect(!object.json.isNested(deeperThan: KubernetesObject.readDepth))
    let excerpt = try deep.excerpt(keeping: nil)
    #expect(excerpt.owners.map(\.uid) == ["o"])
    let kept = String(decoding: excerpt.bytes, as: UTF8.self)
    #expect(kept.contains(nested) && !kept.contains("fieldsV1"))
    #expect(try !text(full).object().isTooDeep)
  }

  @Test func keepsTheNamedMembersBesideTheMetadata() throws {
    let partial = #"""
      {"metadata":{"managedFields":[],"name":"a"},"kind":"PartialObjectMetadata","spec":1,
      "apiVersion":"meta.k8s.io/v1","data":{}}
      """#
    func kept(_ members: [String]) throws -> JSONValue {
      try JSONValue(parsing: text(partial, .deployments).excerpt(keeping: members).bytes)
    }
    let metadata: JSONValue = [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "a"],
    ]
    #expect(try kept([]) == metadata)
    var withData = metadata
    withData["data"] = [:]
    #expect(try kept(["data"]) == withData)
    #expect(try JSONValue(parsing: text("{}").excerpt(keeping: nil).bytes)["kind"] == "ConfigMap")
  }

  /// What is kept without being made into values must be JSON all the same.
  @Test(arguments: [
    #"{"metadata":{"name":"a"},"x":tru}"#, #"{"metadata":{"name":"a"},"x":[1,]}"#,
    #"{"metadata":{"name":"a"},"x":{"a":1,}}"#, #"{"metadata":{"name":"a"},"x":01}"#,
    #"{"metadata":{"name":"a"},"x":1e999}"#, #"{"metadata":{"name":"a"},"x":"\x"}"#,
    #"{"metadata":{"name":"a"},"x":{"a" 1}}"#, #"{"metadata":{"name":"a"},"x":{1:2}}"#,
    #"{"metadata":{"name":"a"},"x":"\#u{1}"}"#, #"{"metadata":{"name":"a"},"x":[1 2]}"#,
    #"{"metadata":{"name":"a"},"x":[1]"#, #"{"metadata":{"name":"a"}} {}"#,
    #"{"metadata":{"name":"a","managedFields":[{]}}}"#, #"{"metadata":{"name":"a"},"x":"}"#,
  ])
  func refusesWhatTheParserRefuses(_ json: String) throws {
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: json) }
    #expect(throws: JSONParseError.self) { try text(json).excerpt(keeping: nil) }
  }

  @Test func refusesInvalidUTF8AndTooDeepNesting() throws {
    let start = Array(#"{"metadata":{"name":"a"},"x":"#.utf8)
    let bytes = start + Array("\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
    #expect(throws: JSONParseError.self) {
      try ObjectText(bytes[...], of: .configMaps).excerpt(keeping: nil)
    }
    for (depth, isAllowed) in [(150, true), (10_000, true), (30_000, false)] {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let bytes = start + Array((nested + "}").utf8)
      let excerpt = try? ObjectText(bytes[...], of: .configMaps).excerpt(keeping: nil)
      #expect((excerpt != nil) == isAllowed)
    }
  }
}
