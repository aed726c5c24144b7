import JSON
import KubernetesAPI
import Testing

@testable import EmbeddedCluster

/// A garbage collector that takes its time, as a real one does.
@Suite struct ControllersGarbageTests {
  private static let names = (0..<8).map { "child-\($0)" }

  private func cluster(_ delay: Duration = .seconds(10), seed: UInt64 = 1) -> SimulatedCluster {
    SimulatedCluster(SimulationConfiguration(garbageDelay: delay, seed: seed))
  }

  /// - Returns: a ConfigMap with others that it owns.
  @discardableResult
  private func family(
    in cluster: inout SimulatedCluster
  ) throws -> KubernetesObject {
    let owner = try cluster.create(.configMaps, "owner")
    let reference = OwnerReference(
      apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.uid ?? "")
    for name in Self.names {
      try cluster.create(
        .configMaps, name, ["metadata": ["ownerReferences": [reference.json]]])
    }
    cluster.settle()
    return owner
  }

  private func left(_ cluster: SimulatedCluster) -> [String] {
    Self.names.filter { cluster.get(.configMaps, $0) != nil }
  }

  /// The children in the order in which they go, with how many were left each tenth of a second.
  private func departures(
    _ cluster: inout SimulatedCluster, for time: Int = 10
  ) -> [(name: String, at: Int)] {
    var gone: [(name: String, at: Int)] = []
    for moment in 1...(time * 10) {
      let before = left(cluster)
      cluster.pass(.milliseconds(100))
      let after = left(cluster)
      gone += before.filter { !after.contains($0) }.map { ($0, moment) }
    }
    return gone
  }

  /// A real one cannot tell which namespace the owner would be in.
  @Test func objectsOfTheClusterOutliveOwnersInNamespaces() throws {
    var cluster = cluster(.zero)
    let owner = try cluster.create(.configMaps, "owner")
    let reference = OwnerReference(
      apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.uid ?? "")
    try cluster.create(
      .clusterRoles, "child",
      ["metadata": ["ownerReferences": [reference.json]], "rules": []])
    cluster.settle()
    #expect(cluster.get(.clusterRoles, "child") != nil)
    try cluster.delete(.configMaps, "owner")
    cluster.settle()
    #expect(cluster.get(.clusterRoles, "child") != nil)
  }

  @Test func eachGoesInItsOwnTime() throws {
    var cluster = cluster()
    try family(in: &cluster)
    try cluster.delete(.configMaps, "owner")
    cluster.settle()
    #expect(left(cluster) == Self.names)
    let gone = departures(&cluster)
    #expect(gone.count == Self.names.count)
    #expect(Set(gone.map(\.at)).count > 4)
    #expect(gone.map(\.name) != Self.names)
  }

  @Test func theSeedFixesTheOrder() throws {
    func order(_ seed: UInt64) throws -> [String] {
      var cluster = cluster(seed: seed)
      try family(in: &cluster)
      try cluster.delete(.configMaps, "owner")
      return departures(&cluster).map(\.name)
    }
    #expect(try order(1) == order(1))
    #expect(try Set((1...5).map(order)).count == 5)
  }

  /// The owner stays until the last that blocks it has gone, and then for its own time.
  @Test func aForegroundDeletionTakesAsLong() throws {
    var cluster = cluster()
    try family(in: &cluster)
    try cluster.delete(.configMaps, "owner", "Foreground")
    var last = 0
    var ownersEnd = 0
    for moment in 1...200 {
      cluster.pass(.milliseconds(100))
      if !left(cluster).isEmpty { last = moment }
      if cluster.get(.configMaps, "owner") != nil { ownersEnd = moment }
    }
    #expect(left(cluster).isEmpty && cluster.get(.configMaps, "owner") == nil)
    #expect(last > 0 && ownersEnd > last && ownersEnd < 200)
  }

  @Test func orphansAreFreedInTime() throws {
    var cluster = cluster()
    try family(in: &cluster)
    try cluster.delete(.configMaps, "owner", "Orphan")
    cluster.settle()
    #expect(cluster.get(.configMaps, "owner")?.finalizers == ["orphan"])
    cluster.pass(.seconds(10))
    #expect(cluster.get(.configMaps, "owner") == nil)
    #expect(left(cluster) == Self.names)
    #expect(cluster.get(.configMaps, "child-0")?.ownerReferences.isEmpty == true)
  }

  /// What is no garbage any more when its time comes stays.
  @Test func itLooksAgainBeforeItDeletes() throws {
    var cluster = cluster()
    try family(in: &cluster)
    try cluster.delete(.configMaps, "owner")
    cluster.settle()
    try cluster.change(.configMaps, "child-3") { $0["metadata"]?["ownerReferences"] = nil }
    cluster.pass(.seconds(10))
    #expect(left(cluster) == ["child-3"])
  }

  // MARK: Absent owners

  @Test func absentOwnersAreBounded() {
    var owners = AbsentOwners()
    for number in 0..<AbsentOwners.limit { owners.insert("\(number)") }
    // Whoever is asked for stays.
    let asked = owners.contains("0")
    for number in 0..<10 { owners.insert("new \(number)") }
    #expect(asked && owners.count == AbsentOwners.limit)
    let known = ["0", "1", "10", "11", "new 0", "new 9"].filter { owners.contains($0) }
    #expect(known == ["0", "11", "new 0", "new 9"])
  }

  /// Whoever is not remembered is looked for.
  @Test func forgottenOwnersAreStillGone() throws {
    var cluster = cluster(.zero)
    try family(in: &cluster)
    for number in 0...AbsentOwners.limit {
      let owner = try cluster.create(.secrets, "owner-\(number)")
      try cluster.create(
        .secrets, "dependent-\(number)",
        [
          "metadata": [
            "ownerReferences": [
              OwnerReference(
                apiVersion: "v1", kind: "Secret", name: owner.name, uid: owner.uid ?? ""
              ).json
            ]
          ]
        ])
    }
    cluster.settle()
    // The controllers hear of all of it before they do anything.
    try cluster.delete(.configMaps, "owner")
    for number in 0...AbsentOwners.limit { try cluster.delete(.secrets, "owner-\(number)") }
    try cluster.create(.configMaps, "owner")
    cluster.settle()
    #expect(left(cluster).isEmpty)
    #expect(cluster.access.list(.secrets, namespace: "default").isEmpty)
  }
}
