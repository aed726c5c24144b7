import ControllerRuntime
import KubernetesAPI
import Simulation
import Testing

/// A server with a history, a watch that lags behind it, and an operator that writes.
private struct HistoryModel {
  struct Event {
    var version: Int
    var event: WatchEvent
  }

  var version = 10
  var objects: [String: KubernetesObject] = [:]
  var history: [Event] = []
  var nextUID = 0

  mutating func write(_ name: String) -> KubernetesObject {
    version += 1
    let uid: String
    let isNew = objects[name] == nil
    if let known = objects[name]?.uid {
      uid = known
    } else {
      nextUID += 1
      uid = "uid-\(nextUID)"
    }
    let object = configMap(name, uid: uid, version: version)
    objects[name] = object
    history.append(Event(version: version, event: isNew ? .added(object) : .modified(object)))
    return object
  }

  mutating func delete(_ name: String) -> KubernetesObject? {
    guard let old = objects.removeValue(forKey: name) else { return nil }
    version += 1
    let last = configMap(name, uid: old.uid, version: version)
    history.append(Event(version: version, event: .deleted(last)))
    return last
  }
}

@Suite struct ObjectStoreModelTests {
  /// However the watch lags, own answers are late and lists are old: a reader never sees less than
  /// what was written or deleted here, and in the end the store is what the server has.
  @Test(arguments: 0..<300) func convergesAndReadsItsWrites(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var server = HistoryModel()
    let store = ObjectStore(.configMaps)
    var known: [ObjectKey: KubernetesObject] = [:]
    var position = 10
    var lateAnswers: [KubernetesObject] = []
    /// By name: the version below which nothing may be seen any more.
    var floor: [String: Int] = [:]
    _ = store.replace(with: [], version: "10")

    func take(_ changes: [ObjectStore.Change]) {
      for change in changes {
        #expect(known[change.key] == change.old, "seed \(seed)")
        known[change.key] = change.new
      }
    }
    func deliver(_ count: Int) {
      for entry in server.history.filter({ $0.version > position }).prefix(count) {
        position = entry.version
        take([store.apply(entry.event)].compactMap { $0 })
      }
    }

    for step in 0..<200 {
      let name = ["a", "b", "c"][Int.random(in: 0..<3, using: &random)]
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1: _ = server.write(name)
      case 2: _ = server.delete(name)
      case 3, 4:
        let object = server.write(name)
        take([store.recordWrite(object)].compactMap { $0 })
        floor[name] = server.version
      case 5: lateAnswers.append(server.write(name))
      case 6:
        guard !lateAnswers.isEmpty else { continue }
        take([store.recordWrite(lateAnswers.removeFirst())].compactMap { $0 })
      case 7:
        // Only what is known is deleted, as far as it is still the same object.
        guard let uid = store.get(ObjectKey(namespace: "ns", name: name))?.uid,
          server.objects[name]?.uid == uid, let last = server.delete(name)
        else { continue }
        take([store.recordDelete(last.key, uid: ObjectUID(uid))].compactMap { $0 })
        floor[name] = server.version
      case 8:
        // A list that was made here, but arrives after the next own write.
        let items = server.objects.values.sorted { $0.key < $1.key }
        let version = server.version
        if Bool.random(using: &random) {
          take([store.recordWrite(server.write(name))].compactMap { $0 })
          floor[name] = server.version
        }
        take(store.replace(with: items, version: String(version)))
        position = version
      default: deliver(Int.random(in: 1...4, using: &random))
      }
      for (name, least) in floor {
        guard let seen = store.get(ObjectKey(namespace: "ns", name: name)),
          let version = seen.resourceVersion.flatMap(Int.init)
        else { continue }
        #expect(version >= least, "seed \(seed) step \(step): \(name) is older than what we wrote")
      }
    }
    while !lateAnswers.isEmpty {
      take([store.recordWrite(lateAnswers.removeFirst())].compactMap { $0 })
    }
    deliver(.max)
    let expected = server.objects.values.sorted { $0.key < $1.key }
    #expect(store.all() == expected, "seed \(seed)")
    #expect(known.values.sorted { $0.key < $1.key } == expected, "seed \(seed)")
  }
}
