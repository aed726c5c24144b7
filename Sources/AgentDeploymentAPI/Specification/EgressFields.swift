import JSON

/// `spec.security.egress`.
enum EgressFields {
  /// What names a destination.
  private static let destinations = ["hosts", "cidrs", "namespaces"]

  static let section: FieldSchema = .object(
    "Where the agent may go. Never to the cloud's metadata address.",
    rules: [
      FieldRule(
        "!has(self.mode) || self.mode != 'Open' || !("
          + destinations.map { "has(self.\($0))" }.joined(separator: " || ") + ")",
        "hosts, cidrs and namespaces restrict: remove them, or mode Open", at: "mode"
      ) { egress in
        egress["mode"] != "Open" || !destinations.contains { egress.has($0) }
      }
    ],
    [
      .optional(
        "mode",
        .enumeration(
          "Open: anywhere. Restricted: DNS, the mesh's control plane, where traces go, and what is "
            + "named here. Default: Restricted with hosts, cidrs or namespaces, else Open.",
          Security.Egress.Mode.self)),
      .optional(
        "hosts",
        .list(
          "Hosts outside the cluster, over TLS on port 443. A NetworkPolicy knows no names: it opens "
            + "that port to all public addresses. Only a mesh that knows no other hosts "
            + "(REGISTRY_ONLY) holds agents of good will to the names.",
          of: .string(
            "A host name; *. may stand in front.", length: 3...253,
            matching: .fullHost),
          .set, max: 50)),
      .optional(
        "cidrs",
        .list(
          "IPv4 networks, on any port.", of: network, .set, max: 50)),
      .optional(
        "namespaces",
        .list(
          "Namespaces of the cluster, all of their pods.",
          of: .string("A namespace.", length: 1...63, matching: .label), .set, max: 50)),
    ])

  private static let octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
  static let network: FieldSchema = .string(
    "A network: 10.1.0.0/16.", length: 9...18,
    matching: Pattern(
      "^(\(octet)\\.){3}\(octet)/(3[0-2]|[12]?[0-9])$", "an IPv4 network such as 10.1.0.0/16"),
    rules: [
      FieldRule("self != '169.254.169.254/32'", "the cloud's metadata address stays closed") {
        $0 != "169.254.169.254/32"
      }
    ])
}
