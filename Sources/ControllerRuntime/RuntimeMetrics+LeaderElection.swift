extension RuntimeMetrics {
  static let leader = MetricsRegistry.Name(
    "leader_election_master_status", .gauge, "1 while this process holds the lease.")

  func leads(_ leads: Bool, lease: String) {
    registry.set(Self.leader, [("name", lease)], to: leads ? 1 : 0)
  }
}
