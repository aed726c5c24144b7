import AgentDeploymentAPI
import ControllerRuntime
import Glibc
import JSON
import KubernetesAPI
import ManifestRendering

/// What a cached object costs.
enum MemoryBenchmarks {
  private typealias Transform = @Sendable (KubernetesObject) -> KubernetesObject

  static func run(_ meter: inout Meter) throws {
    let transforms: [(String, Transform)] = [
      ("as received", { $0 }), ("without managed fields", ObjectStore.withoutManagedFields),
      ("metadata only", ObjectStore.keeping([])),
    ]
    for (name, transform) in transforms {
      let store = ObjectStore(.deployments, transform: transform)
      let bytes = try costs([.deployments: store], count: 10_000) { number in
        [(.deployments, SampleObjects.deployment(number))]
      }
      meter.add("store memory", "10,000 Deployments, \(name)", [bytes], unit: "bytes each")
    }
    try children(&meter)
  }

  /// All kinds of children in the operator's proportions and with its transforms.
  private static func children(_ meter: inout Meter) throws {
    let agents = 2000
    var stores: [ResourceType: ObjectStore] = [:]
    for resource in try rendered(0).map(\.0) {
      let isMetadata = [.secrets, .configMaps].contains(resource)
      stores[resource] = ObjectStore(
        resource,
        transform: isMetadata ? ObjectStore.keeping([]) : ObjectStore.withoutManagedFields)
    }
    let bytes = try costs(stores, count: agents, rendered)
    meter.add(
      "store memory", "a child on average, \(agents) agents", [bytes], unit: "bytes each",
      goal: "<= 2,048")
  }

  private static func rendered(_ number: Int) throws -> [(ResourceType, JSONValue)] {
    let agent = try AgentDeployment.decode(SampleObjects.storedAgent(number)).get()
    return agent.render(RenderingContext(now: 1_800_000_000)).objects.map { rendered in
      var json = rendered.object.json
      json["metadata"]?["uid"] = .string(SampleObjects.uid(number, of: rendered.resource.plural))
      json["metadata"]?["resourceVersion"] = .string(String(1_000_000 + number))
      json["metadata"]?["creationTimestamp"] = "2026-11-02T08:15:30Z"
      return (rendered.resource, json)
    }
  }

  /// Bytes an object, with the indexes of the stores.
  private static func costs(
    _ stores: [ResourceType: ObjectStore], count: Int,
    _ objects: (Int) throws -> [(ResourceType, JSONValue)]
  ) throws -> Double {
    let before = residentBytes()
    for number in 0..<count {
      for (resource, object) in try objects(number) {
        // Parsed one by one as a watch brings them, so that nothing is shared by accident.
        let json = try JSONValue(parsing: object.serializedBytes())
        _ = stores[resource]?.apply(.added(KubernetesObject(json)))
      }
    }
    let total = stores.values.reduce(0) { $0 + $1.count }
    let bytes = Double(max(0, residentBytes() - before)) / Double(max(1, total))
    keep(stores)
    return bytes
  }

  /// Resident memory after the allocator gave back what is free.
  private static func residentBytes() -> Int {
    trim()
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * Int(getpagesize())
  }

  /// glibc's malloc_trim, which its module map leaves out.
  private static func trim() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    typealias Trim = @convention(c) (Int) -> Int32
    _ = unsafeBitCast(symbol, to: Trim.self)(0)
  }
}
