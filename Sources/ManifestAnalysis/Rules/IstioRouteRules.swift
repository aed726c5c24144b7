import JSON
import KubernetesAPI

/// Versions and routes of VirtualServices.
enum IstioRouteRules {
  static let all = [version, permanentFault, noDefaultRoute, meshOnly, noTimeout]

  private static let reference =
    "https://istio.io/latest/docs/reference/config/networking/virtual-service/"

  private static func routes(_ set: ManifestSet) -> [ManifestNode] {
    set.virtualServices.flatMap { $0.spec["http"].elements }
  }

  private static let version = LintRule(
    "istio-old-version", ["I4"], .deprecated, "v1 is the version of Istio's APIs",
    why: """
      v1beta1 and v1alpha3 are still served, but v1 is what Istio has stored and documented since \
      1.22.
      """,
    fix: "write v1", source: "https://istio.io/latest/blog/2024/v1-apis/"
  ) { set, found in
    let stable = [
      ManifestSet.istio: [
        "VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "WorkloadEntry",
        "WorkloadGroup",
      ],
      ManifestSet.istioSecurity: [
        "PeerAuthentication", "RequestAuthentication", "AuthorizationPolicy",
      ],
    ]
    for object in set.objects {
      let gvk = object.gvk
      guard stable[gvk.group]?.contains(gvk.kind) == true, gvk.version != "v1",
        gvk.version.hasPrefix("v1")
      else { continue }
      let node = object.root["apiVersion"]
      found.add(
        node, "\(gvk.kind) is v1 since Istio 1.22",
        edits: [.replace(node.pointer, with: "\(gvk.group)/v1")])
    }
  }

  private static let permanentFault = LintRule(
    "istio-permanent-fault", ["I5"], .warning, "a fault is injected for ever",
    why: """
      An injected fault in a file stays until somebody remembers it. The percentage counts in \
      hundredths: 0.1 is one request of a thousand. And while a route has a fault, its timeout and \
      its retries do not work.
      """,
    fix: "remove it; an AgentDeployment's traffic.faultInjection ends by itself at expiresAt",
    source: reference + "#HTTPFaultInjection"
  ) { set, found in
    for route in routes(set) where route["fault"].exists && !route.object.isRendered {
      var message = "the fault stays for ever, and turns off the route's timeout and retries"
      for kind in ["delay", "abort"] {
        guard let percent = route["fault"][kind]["percentage"]["value"].value?.double else {
          continue
        }
        message += "; \(percent) is \(percent) percent"
      }
      found.add(route["fault"], atKey: true, message)
    }
  }

  private static let noDefaultRoute = LintRule(
    "istio-no-default-route", ["I11"], .warning, "paths without a route are 404",
    why: """
      Once a VirtualService has routes, requests that match none of them are answered 404: the \
      agent card, /mcp, health paths.
      """,
    fix: "add a last route without match", source: reference + "#HTTPRoute"
  ) { set, found in
    for service in set.virtualServices {
      let routes = service.spec["http"].elements
      guard !routes.isEmpty, !routes.contains(where: matchesEverything) else { continue }
      let paths = routes.flatMap { $0["match"].elements }
        .compactMap { $0["uri"].members.first?.string }
      found.add(
        service.spec["http"], atKey: true,
        paths.isEmpty
          ? "no route takes what the others do not match; the rest is answered 404"
          : "only \(paths.joined(separator: ", ")) is routed; every other path is answered 404")
    }
  }

  private static func matchesEverything(_ route: ManifestNode) -> Bool {
    let matches = route["match"].elements
    return matches.isEmpty
      || matches.contains { match in
        match.members.allSatisfy { $0.key == "uri" || $0.key == "name" || $0.key == "gateways" }
          && (!match["uri"].exists || match["uri"]["prefix"].string == "/")
      }
  }

  private static let meshOnly = LintRule(
    "istio-implicit-mesh-gateway", ["I12"], .warning,
    "without gateways a route is for the mesh only",
    why: """
      A VirtualService without gateways applies to sidecars inside the mesh; traffic from outside \
      never sees it. For a full in-cluster name that is plainly meant, for any other name it is not.
      """,
    fix: "write gateways: [NAMESPACE/GATEWAY, mesh], or the host's full in-cluster name",
    source: reference + "#VirtualService"
  ) { set, found in
    for service in set.virtualServices where !service.spec["gateways"].exists {
      for host in service.spec["hosts"].elements {
        guard let name = host.string, !name.hasSuffix(".svc.cluster.local") else { continue }
        found.add(
          host, "\(name) gets this route only inside the mesh: the object names no gateways")
      }
    }
  }

  private static let noTimeout = LintRule(
    "istio-no-timeout", ["I13"], .warning, "a route without a timeout waits for ever",
    why: "HTTP routes have no timeout unless they say so, whatever the application's own settings.",
    fix: "write timeout: 120s, or 0s where streams may last", source: reference + "#HTTPRoute"
  ) { set, found in
    for route in routes(set) where route["route"].exists && !route["timeout"].exists {
      found.add(route, "the route has no timeout, so a request may wait for ever")
    }
  }
}
