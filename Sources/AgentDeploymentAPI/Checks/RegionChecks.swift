import JSON
import KubernetesAPI

/// Places of `availability.regions.distribute` that hold one another: Istio's webhook refuses them, as
/// requests from there, or to there, would have two shares.
///
/// Source: `validateLocalities` of istio/istio, pkg/config/validation.
enum RegionChecks {
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let path: FieldPath = ["spec", "availability", "regions", "distribute"]
    let shares = spec.section("availability").section("regions").items("distribute")
    let sources = shares.enumerated().map { i, share in
      (place: share.text("from") ?? "", path: path.appending(i).appending("from"))
    }
    check(sources, report)
    for (i, share) in shares.enumerated() {
      let to = path.appending(i).appending("to")
      check(share.members("to").keys.sorted().map { ($0, to.appending($0)) }, report)
    }
  }

  private static func check(
    _ places: [(place: String, path: FieldPath)], _ report: (FieldError) -> Void
  ) {
    for (i, later) in places.enumerated() {
      guard let earlier = places[..<i].first(where: { overlap($0.place, later.place) }) else {
        continue
      }
      report(
        FieldError(
          later.path, .invalid, "overlaps \(earlier.place)",
          fix: "name places of which none holds another"))
    }
  }

  private static func overlap(_ a: String, _ b: String) -> Bool {
    let (a, b) = (parts(of: a), parts(of: b))
    return a.starts(with: b) || b.starts(with: a)
  }

  /// Region, zone and subzone; a star at the end says nothing that its absence does not say.
  private static func parts(of place: String) -> [Substring] {
    let parts = place.split(separator: "/")
    return parts.last == "*" ? parts.dropLast() : parts
  }
}
