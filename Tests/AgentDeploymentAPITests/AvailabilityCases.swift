@testable import AgentDeploymentAPI

/// `spec.availability`: drain and regions.
enum AvailabilityCases {
  static let failover =
    #"{"availability":{"regions":{"primary":"a","failover":[{"from":"a","to":"b"}]}}}"#
  static let distribute =
    #"{"availability":{"regions":{"primary":"a","distribute":[{"from":"a/*","to":{"a/*":80,"b/*":20}}]}}}"#

  static let leaves: [LeafCase] = [
    LeafCase("spec.availability.drain.path", #""/drain""#),
    LeafCase("spec.availability.drain.sessionMetric", #""active_workflows""#),
    LeafCase("spec.availability.regions.primary", #""europe-west1""#, in: failover),
    LeafCase("spec.availability.regions.failover[0].from", #""c""#, in: failover),
    LeafCase("spec.availability.regions.failover[0].to", #""c""#, in: failover),
    LeafCase("spec.availability.regions.distribute[0].from", #""c/*""#, in: distribute),
    LeafCase("spec.availability.regions.distribute[0].to{c}", "20", in: distribute),
  ]

  private static func distribute(_ shares: String) -> String {
    #"{"availability":{"regions":{"primary":"a","distribute":[\#(shares)]}}}"#
  }

  private static let path = "spec.availability.regions.distribute"

  static let checks: [CheckCase] = [
    CheckCase(
      distribute(#"{"from":"west/*","to":{"west/*":80,"west/z1/*":20}}"#),
      path + "[0].to[west/z1/*]", .invalid),
    CheckCase(
      distribute(#"{"from":"a","to":{"west":80,"west/*":20}}"#), path + "[0].to[west/*]", .invalid),
    // The first that holds a caller counts, so a special one may stand before a general one; Istio
    // takes that where a star says that it is one.
    CheckCase(distribute(#"{"from":"west/z1","to":{"a":1}},{"from":"west/*","to":{"a":1}}"#)),
    CheckCase(
      distribute(
        #"{"from":"west/z1/s","to":{"a":1}},{"from":"west/z1/*","to":{"a":1}},{"from":"west/*","to":{"a":1}}"#
      )),
    CheckCase(
      distribute(#"{"from":"west/z1/*","to":{"a":1}},{"from":"west","to":{"a":1}}"#),
      path + "[1].from", .invalid),
    CheckCase(
      distribute(#"{"from":"west/z1/s","to":{"a":1}},{"from":"west/z1","to":{"a":1}}"#),
      path + "[1].from", .invalid),
    CheckCase(
      distribute(#"{"from":"west/*","to":{"a":1}},{"from":"west/z1/*","to":{"a":1}}"#),
      path + "[1].from", .invalid),
    CheckCase(
      distribute(#"{"from":"west","to":{"a":1}},{"from":"west/*","to":{"a":1}}"#),
      path + "[1].from", .invalid),
    CheckCase(
      distribute(
        #"{"from":"west/z1/*","to":{"west/z1/*":50,"west/z2":50}},{"from":"west/z2/*","to":{"west/z1":1}},{"from":"wes","to":{"a":1}}"#
      )),
  ]

  static let rules: [RuleCases] = [
    RuleCases(
      "spec", "availability.regions needs a mesh", at: "spec.availability",
      good: [failover, #"{"traffic":{"provider":"None"},"availability":{}}"#],
      bad: [
        #"{"traffic":{"provider":"None"},"availability":{"regions":{"primary":"a"}}}"#
      ]),
    RuleCases(
      "spec", "availability.regions needs outlier detection", at: "spec.availability",
      good: [
        #"{"traffic":{"outlierDetection":{"gatewayErrors":1}},"availability":{"regions":{"primary":"a"}}}"#
      ],
      bad: [
        #"{"traffic":{"outlierDetection":{"gatewayErrors":0}},"availability":{"regions":{"primary":"a"}}}"#
      ]),
    RuleCases(
      "spec", "availability.drain.sessionMetric is for an alert", at: "spec.availability",
      good: [#"{"availability":{"drain":{"sessionMetric":"a"}}}"#],
      bad: [
        #"{"observability":{"alerts":{"preset":"None"}},"availability":{"drain":{"sessionMetric":"a"}}}"#
      ]),
    RuleCases(
      "spec.availability.regions", "give failover or distribute",
      at: "spec.availability.regions.distribute", good: [failover, distribute],
      bad: [
        #"{"availability":{"regions":{"primary":"a","failover":[{"from":"a","to":"b"}],"distribute":[{"from":"a","to":{"b":100}}]}}}"#
      ]),
    RuleCases(
      "spec.availability.regions.failover[]", "a region cannot stand in",
      at: "spec.availability.regions.failover[0].to", good: [failover],
      bad: [#"{"availability":{"regions":{"primary":"a","failover":[{"from":"a","to":"a"}]}}}"#]),
    RuleCases(
      "spec.availability.regions.distribute[].to", "name a place",
      at: "spec.availability.regions.distribute[0].to", good: [distribute],
      bad: [#"{"availability":{"regions":{"primary":"a","distribute":[{"from":"a","to":{}}]}}}"#]),
    RuleCases(
      "spec.availability.regions.distribute[].to", "must name a place",
      at: "spec.availability.regions.distribute[0].to",
      good: [
        #"{"availability":{"regions":{"primary":"a","distribute":[{"from":"a","to":{"a/b/c":100}}]}}}"#
      ],
      bad: [
        #"{"availability":{"regions":{"primary":"a","distribute":[{"from":"a","to":{"*/a":100}}]}}}"#,
        #"{"availability":{"regions":{"primary":"a","distribute":[{"from":"a","to":{"a/b/c/d":100}}]}}}"#,
      ]),
  ]
}
