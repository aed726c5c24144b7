import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

@Suite struct SchemaProtobufTests {
  private func schema(_ apiVersion: String, _ kind: String) throws -> TypeSchema {
    try #require(
      BuiltInSchemas.schema(for: GroupVersionKind(apiVersion: apiVersion, kind: kind)))
  }

  /// What `kubectl create namespace agent-fleet` of 1.32 sends.
  private static let namespace: [UInt8] = {
    let hex =
      "6b3873000a0f0a02763112094e616d65737061636512230a1b0a0b6167656e742d666c656574"
      + "12001a0022002a0032003800420012001a020a001a002200"
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }()

  private func bytes(_ number: Int, _ content: [UInt8]) -> [UInt8] {
    varint(UInt64(number) << 3 | 2) + varint(UInt64(content.count)) + content
  }

  private func text(_ number: Int, _ text: String) -> [UInt8] { bytes(number, Array(text.utf8)) }

  private func integer(_ number: Int, _ value: Int64) -> [UInt8] {
    varint(UInt64(number) << 3) + varint(UInt64(bitPattern: value))
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 0x80 {
      result.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  private func envelope(_ apiVersion: String, _ kind: String, _ raw: [UInt8]) -> [UInt8] {
    Array("k8s\0".utf8) + bytes(1, text(1, apiVersion) + text(2, kind)) + bytes(2, raw)
  }

  @Test func readsWhatKubectlSends() throws {
    let object = try ProtobufDecoding.object(
      from: Self.namespace, schema("v1", "Namespace"))
    #expect(object["kind"] == "Namespace")
    #expect(object["apiVersion"] == "v1")
    #expect(object[path: "metadata", "name"] == "agent-fleet")
    #expect(object[path: "metadata", "creationTimestamp"] == .null)
    let rules = try #require(
      ResourceRules(builtIn: GroupVersionKind(apiVersion: "v1", kind: "Namespace")))
    #expect(rules.unknownFields(in: object) == [])
    #expect(
      try rules.decode(object)["metadata"] == [
        "name": "agent-fleet", "labels": ["kubernetes.io/metadata.name": "agent-fleet"],
      ])
  }

  @Test func readsMapsListsAndSpecialTypes() throws {
    let requests = bytes(2, text(1, "cpu") + bytes(2, text(1, "100m")))
    let port = bytes(6, integer(3, 8080) + text(4, "TCP"))
    let volume = bytes(1, text(1, "v") + bytes(2, bytes(19, bytes(1, text(1, "config")))))
    let action = bytes(2, text(1, "/") + bytes(2, integer(1, 1) + text(3, "http")))
    let probe = bytes(10, bytes(1, action) + integer(2, -1))
    let container = bytes(
      2,
      text(1, "c") + text(2, "i") + text(3, "x") + text(3, "y") + port + bytes(8, requests)
        + probe)
    let pod =
      bytes(
        1,
        text(1, "a") + bytes(8, integer(1, 1_767_225_600))
          + bytes(11, text(1, "k") + text(2, "v")) + bytes(11, text(1, "l") + text(2, "w")))
      + bytes(2, volume + container + integer(4, 30) + integer(11, 1))
      + text(99, "from a later version")
    let object = try ProtobufDecoding.object(
      from: envelope("v1", "Pod", pod), schema("v1", "Pod"))
    #expect(object[path: "metadata", "labels"] == ["k": "v", "l": "w"])
    #expect(object[path: "metadata", "creationTimestamp"] == "2026-01-01T00:00:00Z")
    let spec = object["spec"]
    #expect(spec?["terminationGracePeriodSeconds"] == 30)
    #expect(spec?["hostNetwork"] == true)
    #expect(spec?["volumes"] == [["name": "v", "configMap": ["name": "config"]]])
    #expect(
      spec?["containers"] == [
        [
          "name": "c", "image": "i", "command": ["x", "y"],
          "ports": [["containerPort": 8080, "protocol": "TCP"]],
          "resources": ["requests": ["cpu": "100m"]],
          "livenessProbe": [
            "httpGet": ["path": "/", "port": "http"], "initialDelaySeconds": -1,
          ],
        ]
      ])
  }

  @Test func secretsStayBytes() throws {
    let data = bytes(2, text(1, "k") + bytes(2, [0, 1, 255]))
    let object = try ProtobufDecoding.object(
      from: envelope("v1", "Secret", data), schema("v1", "Secret"))
    #expect(object["data"] == ["k": "AAH/"])
  }

  @Test func garbageIsRefused() throws {
    let schema = try schema("v1", "Namespace")
    #expect(throws: ProtobufDecoding.Failure.self) {
      try ProtobufDecoding.object(from: Array("{}".utf8), schema)
    }
    for count in 5..<Self.namespace.count {
      // A message cut anywhere is either refused or still a message; it must never trap.
      _ = try? ProtobufDecoding.object(from: Array(Self.namespace.prefix(count)), schema)
    }
    #expect(throws: ProtobufDecoding.Failure.self) {
      try ProtobufDecoding.object(
        from: Array("k8s\0".utf8) + [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], schema)
    }
    #expect(throws: ProtobufDecoding.Failure.self) {
      try ProtobufDecoding.object(
        from: Array("k8s\0".utf8) + Array(repeating: 0xFF, count: 20), schema)
    }
  }
}
