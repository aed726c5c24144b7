import JSON

/// A request as routes see it.
struct RoutedRequest: CustomStringConvertible {
  var path: String
  var headers: [String: String]

  var description: String { "\(path) \(headers.sorted { $0.key < $1.key })" }
}

/// What a provider does with a request, worked out from the rendered object alone.
struct RouteChoice: Equatable {
  /// In seconds; 0: none.
  var timeout: Double
  /// Of 1,000,000.
  var copied: Int

  /// Istio: the first route of which a match holds
  /// (https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence). As from a
  /// gateway.
  static func istio(_ object: JSONValue?, _ request: RoutedRequest) -> RouteChoice? {
    for route in object?["spec"]?["http"]?.array ?? [] {
      let matches = route["match"]?.array
      let holds = matches?.contains { match in
        if match["gateways"] == ["mesh"] { return false }
        if let prefix = match["uri"]?["prefix"]?.string, !request.path.hasPrefix(prefix) {
          return false
        }
        return (match["headers"]?.object ?? [:]).allSatisfy { name, value in
          let given = request.headers.first { $0.key.lowercased() == name }?.value
          if let exact = value["exact"]?.string { return given == exact }
          let words = value["regex"]?.string?.split(separator: "|").map(String.init) ?? []
          return given.map(words.contains) ?? false
        }
      }
      guard holds ?? true else { continue }
      let share = route["mirrors"]?[0]?["percentage"]?["value"]?.double ?? 0
      return RouteChoice(
        timeout: route["timeout"]?.string.flatMap { Double($0.dropLast()) } ?? 0,
        copied: Int((share * 10_000).rounded()))
    }
    return nil
  }

  /// The Gateway API: the longest path, then the most headers, then the first rule
  /// (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule).
  static func gatewayAPI(_ object: JSONValue?, _ request: RoutedRequest) -> RouteChoice? {
    var best: (path: Int, headers: Int, rule: JSONValue)?
    for rule in object?["spec"]?["rules"]?.array ?? [] {
      for match in rule["matches"]?.array ?? [] {
        let path = match["path"]?["value"]?.string ?? "/"
        let headers = match["headers"]?.array ?? []
        guard isUnder(request.path, path),
          headers.allSatisfy({ header in
            request.headers.contains {
              $0.key.lowercased() == header["name"]?.string?.lowercased()
                && $0.value == header["value"]?.string
            }
          })
        else { continue }
        let isBetter =
          best.map { (path.utf8.count, headers.count) > ($0.path, $0.headers) } ?? true
        if isBetter { best = (path.utf8.count, headers.count, rule) }
      }
    }
    guard let rule = best?.rule else { return nil }
    let mirror = rule["filters"]?[0]?["requestMirror"]
    return RouteChoice(
      timeout: seconds(rule["timeouts"]?["request"]?.string ?? ""),
      copied: mirror?["fraction"]?["numerator"]?.int ?? (mirror?["percent"]?.int ?? 0) * 10_000)
  }

  private static func isUnder(_ path: String, _ prefix: String) -> Bool {
    prefix == "/" || path == prefix || path.hasPrefix(prefix + "/")
  }

  private static func seconds(_ text: String) -> Double {
    var total = 0.0
    var number = 0.0
    var unit = ""
    func factor() -> Double {
      switch unit {
      case "h": 3600
      case "m": 60
      case "s": 1
      case "ms": 0.001
      default: 0
      }
    }
    for character in text {
      if let digit = character.wholeNumberValue {
        if !unit.isEmpty {
          total += number * factor()
          (number, unit) = (0, "")
        }
        number = number * 10 + Double(digit)
      } else {
        unit.append(character)
      }
    }
    return total + number * factor()
  }
}
