import JSON
import KubernetesAPI

/// Places of `availability.regions.distribute` that hold one another, as Istio's webhook refuses them:
/// requests from there, or to there, would have two shares.
///
/// Of the places that requests come from the first that holds a caller counts, so a special one may
/// stand before a general one that ends in a star; Istio takes one without a star for a place of its
/// own. The shares of one of them have no order.
///
/// Source: `validateLocalities` of istio/istio, pkg/config/validation/agent.
enum RegionChecks {
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let path: FieldPath = ["spec", "availability", "regions", "distribute"]
    let shares = spec.section("availability").section("regions").items("distribute")
    let sources = shares.enumerated().map { i, share in
      (place: share.text("from") ?? "", path: path.appending(i).appending("from"))
    }
    check(sources, isOrdered: true, report)
    for (i, share) in shares.enumerated() {
      let to = path.appending(i).appending("to")
      let places = share.members("to").keys.sorted().map { ($0, to.appending($0)) }
      check(places, isOrdered: false, report)
    }
  }

  private static func check(
    _ places: [(place: String, path: FieldPath)], isOrdered: Bool,
    _ report: (FieldError) -> Void
  ) {
    for (i, later) in places.enumerated() {
      let isGeneral = isOrdered && later.place.hasSuffix("/*")
      let overlapping = places[..<i].first {
        let (a, b) = (parts(of: $0.place), parts(of: later.place))
        return b.starts(with: a) || (a.starts(with: b) && !isGeneral)
      }
      guard let earlier = overlapping else { continue }
      report(
        FieldError(
          later.path, .invalid, "overlaps \(earlier.place)",
          fix: isOrdered
            ? "name places of which none holds another, or the smaller one first and the other with /*"
            : "name places of which none holds another"))
    }
  }

  /// Region, zone and subzone; a star at the end says nothing that its absence does not say.
  private static func parts(of place: String) -> [Substring] {
    let parts = place.split(separator: "/")
    return parts.last == "*" ? parts.dropLast() : parts
  }
}
