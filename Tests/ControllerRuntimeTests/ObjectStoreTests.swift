import ControllerRuntime
import JSON
import KubernetesAPI
import Testing

func configMap(
  _ name: String, uid: String? = nil, version: Int, namespace: String = "ns", data: String = "",
  owner: String? = nil
) -> KubernetesObject {
  var object = KubernetesObject(ResourceType.configMaps.gvk, namespace: namespace, name: name)
  object["metadata"]?["uid"] = .string(uid ?? "uid-\(name)")
  object["metadata"]?["resourceVersion"] = .string(String(version))
  if !data.isEmpty { object["data"] = ["value": .string(data)] }
  if let owner {
    object["metadata"]?["ownerReferences"] = [
      OwnerReference(apiVersion: "v1", kind: "Owner", name: "o", uid: owner).json
    ]
  }
  return object
}

@Suite struct ObjectStoreTests {
  let store = ObjectStore(.configMaps)
  let a = ObjectKey(namespace: "ns", name: "a")

  private func version(_ key: ObjectKey) -> String? { store.get(key)?.resourceVersion }

  /// `+a`, `-a`, `~a`: added, deleted, changed.
  private func summary(_ changes: [ObjectStore.Change]) -> [String] {
    changes.map { change in
      let sign = change.old == nil ? "+" : change.new == nil ? "-" : "~"
      return "\(sign)\(change.key.name)"
    }
  }

  @Test func isSyncedAfterTheFirstListEvenAnEmptyOne() {
    #expect(!store.isSynced)
    _ = store.recordWrite(configMap("a", version: 5))
    _ = store.apply(.added(configMap("b", version: 6)))
    #expect(!store.isSynced)
    #expect(store.replace(with: [], version: "9").map(\.key.name) == ["a", "b"])
    #expect(store.isSynced)
    store.reset()
    #expect(!store.isSynced)
    #expect(store.count == 0)
  }

  /// Rule 5.
  @Test func aRelistReportsExactlyTheDifference() {
    let first = store.replace(
      with: ["a", "b", "c", "d"].map { configMap($0, version: 5) }, version: "10")
    #expect(summary(first) == ["+a", "+b", "+c", "+d"])
    #expect(first.map(\.isInitial) == [true, true, true, true])
    let second = store.replace(
      with: [
        configMap("a", version: 5), configMap("b", version: 12),
        configMap("c", uid: "another", version: 13), configMap("e", version: 14),
      ], version: "20")
    #expect(summary(second) == ["~b", "-c", "+c", "+e", "-d"])
    #expect(store.keys().map(\.name) == ["a", "b", "c", "e"])
    #expect(store.get(ObjectKey(namespace: "ns", name: "c"))?.uid == "another")
  }

  @Test func eventsChangeTheStore() {
    _ = store.replace(with: [], version: "1")
    let added = store.apply(.added(configMap("a", version: 2)))
    #expect(added?.old == nil)
    #expect(added?.isInitial == false)
    let changed = store.apply(.modified(configMap("a", version: 3)))
    #expect(changed?.old?.resourceVersion == "2")
    #expect(changed?.new?.resourceVersion == "3")
    let deleted = store.apply(.deleted(configMap("a", version: 4)))
    #expect(deleted?.old?.resourceVersion == "3")
    #expect(deleted?.new == nil)
    #expect(store.apply(.deleted(configMap("a", version: 5))) == nil)
    #expect(store.apply(.bookmark(configMap("", version: 9))) == nil)
    #expect(store.count == 0)
  }

  @Test func repeatedAndOldEventsTellNothing() {
    _ = store.apply(.added(configMap("a", version: 10)))
    #expect(store.apply(.modified(configMap("a", version: 10))) == nil)
    #expect(store.apply(.modified(configMap("a", version: 9))) == nil)
    #expect(store.apply(.deleted(configMap("a", version: 9))) == nil)
    #expect(version(a) == "10")
    // By number, not by text.
    #expect(store.apply(.modified(configMap("a", version: 100))) != nil)
  }

  // MARK: Own writes (rule 21)

  @Test func eventsOlderThanAnOwnWriteAreIgnored() {
    _ = store.replace(with: [configMap("a", version: 5)], version: "5")
    #expect(store.recordWrite(configMap("a", version: 20)) != nil)
    #expect(store.apply(.modified(configMap("a", version: 15))) == nil)
    #expect(version(a) == "20")
    #expect(store.apply(.modified(configMap("a", version: 20))) == nil)
    #expect(store.apply(.modified(configMap("a", version: 21))) != nil)
  }

  @Test func aWriteThatChangedNothingTellsNothing() {
    _ = store.replace(with: [configMap("a", version: 5)], version: "5")
    #expect(store.recordWrite(configMap("a", version: 5)) == nil)
    #expect(store.recordWrite(configMap("a", version: 4)) == nil)
  }

  @Test func aListOlderThanAnOwnWriteKeepsTheObject() {
    _ = store.replace(with: [configMap("b", version: 5)], version: "5")
    _ = store.recordWrite(configMap("a", version: 20))
    _ = store.recordWrite(configMap("b", version: 21))
    // Made before both writes: lacks one and has the other's older state.
    #expect(store.replace(with: [configMap("b", version: 5)], version: "19").isEmpty)
    #expect(store.keys().map(\.name) == ["a", "b"])
    #expect(store.get(ObjectKey(namespace: "ns", name: "b"))?.resourceVersion == "21")
    // Made after both: it decides.
    #expect(summary(store.replace(with: [], version: "22")) == ["-a", "-b"])
  }

  @Test func aListOlderThanAnOwnRecreationKeepsTheNewObject() {
    _ = store.replace(with: [configMap("a", uid: "old", version: 5)], version: "5")
    _ = store.recordWrite(configMap("a", uid: "new", version: 20))
    #expect(
      store.replace(with: [configMap("a", uid: "old", version: 5)], version: "19").isEmpty)
    #expect(store.get(a)?.uid == "new")
  }

  @Test func onceTheWatchHasShownAWriteTheNextListDecides() {
    _ = store.replace(with: [], version: "5")
    _ = store.recordWrite(configMap("a", version: 20))
    _ = store.apply(.added(configMap("a", version: 20)))
    #expect(summary(store.replace(with: [], version: "25")) == ["-a"])
  }

  @Test func theDeleteOfAnEarlierObjectDoesNotTouchItsSuccessor() {
    _ = store.replace(with: [configMap("a", uid: "old", version: 5)], version: "5")
    let change = store.recordWrite(configMap("a", uid: "new", version: 20))
    #expect(change?.old?.uid == "old")
    #expect(change?.new?.uid == "new")
    #expect(store.apply(.deleted(configMap("a", uid: "old", version: 15))) == nil)
    #expect(store.apply(.added(configMap("a", uid: "new", version: 20))) == nil)
    #expect(store.get(a)?.uid == "new")
  }

  /// The answer to a write is slow; somebody deletes the object, and the watch tells that first.
  /// Nothing would ever remove the object again.
  @Test func anAnswerThatComesAfterTheDeleteMakesNoGhost() {
    _ = store.replace(with: [configMap("a", version: 5)], version: "5")
    _ = store.apply(.deleted(configMap("a", version: 11)))
    #expect(store.recordWrite(configMap("a", version: 10)) == nil)
    #expect(store.get(a) == nil)
  }

  @Test func anAnswerThatComesAfterAListWithoutItMakesNoGhost() {
    _ = store.replace(with: [], version: "30")
    #expect(store.recordWrite(configMap("a", version: 10)) == nil)
    #expect(store.recordWrite(configMap("b", version: 31)) != nil)
    #expect(store.keys().map(\.name) == ["b"])
  }

  @Test func ownDeletesAreNotUndoneByLateEvents() {
    _ = store.replace(with: [configMap("a", version: 5)], version: "5")
    #expect(store.recordDelete(a, uid: ObjectUID("another")) == nil)
    #expect(summary([store.recordDelete(a, uid: ObjectUID("uid-a"))].compactMap { $0 }) == ["-a"])
    #expect(store.apply(.modified(configMap("a", version: 7))) == nil)
    #expect(store.recordWrite(configMap("a", version: 7)) == nil)
    #expect(store.replace(with: [configMap("a", version: 7)], version: "7").isEmpty)
    #expect(store.get(a) == nil)
    #expect(store.apply(.deleted(configMap("a", version: 8))) == nil)
    #expect(store.apply(.added(configMap("a", uid: "next", version: 9))) != nil)
    #expect(store.get(a)?.uid == "next")
  }

  /// The store was told of both writes by their answers; the watch is still at the object before.
  @Test func ownDeletesAreNotUndoneByTheObjectBefore() {
    _ = store.replace(with: [configMap("a", uid: "first", version: 5)], version: "5")
    _ = store.recordWrite(configMap("a", uid: "second", version: 20))
    _ = store.recordDelete(a, uid: ObjectUID("second"))
    #expect(store.apply(.modified(configMap("a", uid: "first", version: 10))) == nil)
    #expect(store.get(a) == nil)
  }

  /// A list that was started after the delete and holds the object: it is really there.
  @Test func aTombstoneLastsForOneListOnly() {
    _ = store.replace(with: [configMap("a", version: 5)], version: "5")
    _ = store.recordDelete(a, uid: ObjectUID("uid-a"))
    #expect(store.replace(with: [configMap("a", version: 5)], version: "6").isEmpty)
    #expect(store.replace(with: [configMap("a", version: 5)], version: "7").isEmpty)
    #expect(summary(store.replace(with: [configMap("a", version: 5)], version: "8")) == ["+a"])
  }

  /// etcd was restored from a backup: versions start again lower, UIDs are the same.
  @Test func aServerThatLostItsDataIsBelieved() {
    _ = store.replace(
      with: [configMap("a", version: 900), configMap("b", version: 901)], version: "1000")
    _ = store.recordWrite(configMap("c", version: 1005))
    _ = store.apply(.modified(configMap("a", version: 1001)))
    let changes = store.replace(with: [configMap("a", version: 40)], version: "50")
    #expect(summary(changes) == ["~a", "-b", "-c"])
    #expect(version(a) == "40")
    #expect(store.apply(.modified(configMap("a", version: 51))) != nil)
    #expect(store.recordWrite(configMap("c", version: 52)) != nil)
  }

  // MARK: Scopes and owners

  @Test func namespacesAreListedOneByOne() {
    let store = ObjectStore(.configMaps, scopes: 2)
    let x = configMap("a", version: 5, namespace: "x")
    let y = configMap("a", version: 6, namespace: "y")
    #expect(store.replace(with: [x], version: "9", namespace: "x").count == 1)
    #expect(!store.isSynced)
    #expect(store.replace(with: [x], version: "10", namespace: "x").isEmpty)
    #expect(!store.isSynced)
    #expect(store.replace(with: [y], version: "8", namespace: "y").count == 1)
    #expect(store.isSynced)
    #expect(store.count == 2)
    let gone = store.replace(with: [], version: "12", namespace: "x")
    #expect(gone.map(\.key) == [x.key])
    #expect(store.keys() == [y.key])
  }

  @Test func findsObjectsByOwner() {
    _ = store.replace(
      with: [
        configMap("b", version: 2, owner: "o1"), configMap("a", version: 3, owner: "o1"),
        configMap("c", version: 4),
      ], version: "5")
    #expect(store.owned(by: "o1").map(\.name) == ["a", "b"])
    _ = store.apply(.modified(configMap("a", version: 6, owner: "o2")))
    _ = store.apply(.deleted(configMap("b", version: 7, owner: "o1")))
    #expect(store.owned(by: "o1").isEmpty)
    #expect(store.owned(by: "o2").map(\.name) == ["a"])
    _ = store.apply(.modified(configMap("c", version: 8, owner: "o2")))
    #expect(store.owned(by: "o2").map(\.name) == ["a", "c"])
    #expect(store.owned(by: "nobody").isEmpty)
  }

  @Test func transformsDropWhatNobodyReads() {
    var object = configMap("a", version: 2, data: "x")
    object["metadata"]?["managedFields"] = [["manager": "kubectl"]]
    object["metadata"]?["annotations"] = [
      "kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "yes",
    ]
    object["status"] = ["a": 1]
    _ = store.apply(.added(object))
    let kept = store.get(a)
    #expect(kept?.metadata["managedFields"] == nil)
    #expect(kept?.annotations == ["kept": "yes"])
    #expect(kept?["data"]?["value"] == "x")

    let small = ObjectStore.keeping(["status"])(object)
    #expect(small["status"] == ["a": 1])
    #expect(small["data"] == nil)
    #expect(small.uid == "uid-a")
    #expect(small.gvk == ResourceType.configMaps.gvk)
  }
}
