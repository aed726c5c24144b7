import AgentDeploymentAPI
import ControllerRuntime
import JSON
package import KubernetesAPI
import Synchronization

/// A host that an agent names and another one has.
package struct LostHost: Sendable, Hashable {
  package var host: String
  package var winner: ObjectKey
}

/// Arbitrates between agents that name the same host: the oldest has it, of two of the same second the
/// first by namespace and name. When it goes or names another, the next one gets it.
///
/// Only agents that this operator follows are known: those of other shards are not.
final class HostClaims: Sendable {
  /// What of a spec may decide who gets a host.
  private struct Entry: Equatable {
    var hosts: Set<String>
    var parts: [JSONValue?]
    /// Of an object that was replaced by one with the same spec nothing else has changed.
    var created: JSONValue?

    /// Nil for an agent that names none.
    init?(_ object: KubernetesObject?) {
      let spec = object?["spec"]
      guard let traffic = spec?["traffic"], let hosts = traffic["hosts"]?.array, !hosts.isEmpty
      else { return nil }
      self.hosts = Set(hosts.compactMap(\.string))
      parts = [
        traffic["paths"], traffic["gatewayRefs"], traffic["provider"], spec?["className"],
      ]
      created = object?.metadata["creationTimestamp"]
    }
  }

  private struct State {
    /// Nil: nothing has been read yet.
    var agents: [String: Set<ObjectKey>]?
    var entries: [ObjectKey: Entry] = [:]
  }

  private let store: ObjectStore
  private let state = Mutex(State())
  private let onContest = Mutex<@Sendable (ObjectKey) -> Void>({ _ in })

  init(_ agents: ObjectStore) { store = agents }

  /// - Parameter body: called with an agent for which another one's change may decide otherwise.
  func notify(_ body: @escaping @Sendable (ObjectKey) -> Void) {
    onContest.withLock { $0 = body }
  }

  /// Takes in what an agent names now; nil: it is gone.
  func set(_ object: KubernetesObject?, of key: ObjectKey) {
    let entry = Entry(object)
    let affected = state.withLock { state -> Set<ObjectKey> in
      load(&state)
      let old = state.entries[key]
      guard old != entry else { return [] }
      state.entries[key] = entry
      let (before, after) = (old?.hosts ?? [], entry?.hosts ?? [])
      for host in before.subtracting(after) {
        state.agents?[host]?.remove(key)
        if state.agents?[host]?.isEmpty == true { state.agents?[host] = nil }
      }
      for host in after.subtracting(before) { state.agents?[host, default: []].insert(key) }
      return Self.others(than: key, naming: before.union(after), state)
    }
    for other in affected { onContest.withLock { $0 }(other) }
  }

  private static func others(
    than key: ObjectKey, naming hosts: Set<String>, _ state: State
  ) -> Set<ObjectKey> {
    var found: Set<ObjectKey> = []
    for host in hosts { found.formUnion(state.agents?[host] ?? []) }
    found.remove(key)
    return found
  }

  /// Agents that name a host of this one's.
  func rivals(of key: ObjectKey) -> Set<ObjectKey> {
    state.withLock { state in
      load(&state)
      return Self.others(than: key, naming: state.entries[key]?.hosts ?? [], state)
    }
  }

  /// All at once, so that the first decision after a start is the same as the last one before.
  private func load(_ state: inout State) {
    guard state.agents == nil else { return }
    var agents: [String: Set<ObjectKey>] = [:]
    for key in store.keys() {
      guard let entry = Entry(store.get(key)) else { continue }
      state.entries[key] = entry
      for host in entry.hosts { agents[host, default: []].insert(key) }
    }
    state.agents = agents
  }

  /// The hosts that this agent names and does not get, in their order.
  ///
  /// - Parameter claim: what another agent claims, by its own class; nil when it claims nothing.
  func lost(
    by agent: AgentDeployment, claim: (KubernetesObject) -> HostClaim?
  ) -> [LostHost] {
    guard let own = agent.hostClaim else { return [] }
    let key = agent.object.key
    let rivals = state.withLock { state in
      load(&state)
      return Self.others(than: key, naming: own.hosts, state)
    }
    guard !rivals.isEmpty else { return [] }
    let rank = Self.rank(agent.object)
    let elders = rivals.compactMap { store.get($0) }
      .filter { Self.rank($0) < rank }
      .sorted { Self.rank($0) < Self.rank($1) }
      .compactMap { object in claim(object).map { (key: object.key, claim: $0) } }
    var lost: [LostHost] = []
    for host in agent.spec.traffic.hosts {
      // An elder that loses it itself takes it from nobody.
      var holders: [(key: ObjectKey, claim: HostClaim)] = []
      for elder in elders
      where elder.claim.hosts.contains(host)
        && !holders.contains(where: { $0.claim.competes(with: elder.claim) })
      {
        holders.append(elder)
      }
      if let winner = holders.first(where: { $0.claim.competes(with: own) }) {
        lost.append(LostHost(host: host, winner: winner.key))
      }
    }
    return lost
  }

  /// The lower has it. An object from a file, which is not in the cluster yet, is the youngest.
  private static func rank(_ object: KubernetesObject) -> Rank {
    let created = object.metadata["creationTimestamp"]?.string
    return Rank(isNew: created == nil, created: created ?? "", key: object.key)
  }

  private struct Rank: Comparable {
    var isNew: Bool
    var created: String
    var key: ObjectKey

    static func < (a: Rank, b: Rank) -> Bool {
      if a.isNew != b.isNew { return b.isNew }
      return (a.created, a.key) < (b.created, b.key)
    }
  }
}
