import ControllerRuntime
import Glibc
import JSON
import KubernetesAPI

/// What a cached object costs, and how much of it the stores' transforms save.
enum MemoryBenchmarks {
  static func run(_ meter: inout Meter) throws {
    let count = 10_000
    let transforms: [(String, @Sendable (KubernetesObject) -> KubernetesObject)] = [
      ("as received", { $0 }), ("without managed fields", ObjectStore.withoutManagedFields),
      ("metadata only", ObjectStore.keeping([])),
    ]
    for (name, transform) in transforms {
      let store = ObjectStore(.deployments, transform: transform)
      let before = residentBytes()
      for number in 0..<count {
        // Parsed one by one as a watch brings them, so that nothing is shared by accident.
        let json = try JSONValue(parsing: SampleObjects.deployment(number).serializedBytes())
        _ = store.apply(.added(KubernetesObject(json)))
      }
      let bytes = Double(max(0, residentBytes() - before)) / Double(store.count)
      meter.add(
        "store memory", "a Deployment, \(name)", [bytes], unit: "bytes",
        goal: name == "without managed fields" ? "<= 2,048 a child on average" : nil)
      keep(store)
    }
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
