import JSON

/// The form that `/simulation/faults` takes and shows.
extension FaultPlan {
  /// `{"seed": 1, "rules": [{"verbs": ["list"], "resources": ["configmaps"], "namespaces": [],
  /// "names": [], "skip": 0, "times": 3, "probability": 0.5, "fail": 429, "retryAfterSeconds": 1}]}`,
  /// with one effect a rule.
  init(_ json: JSONValue) throws(StatusError) {
    var rules: [FaultRule] = []
    for rule in json["rules"]?.array ?? [] { rules.append(try FaultRule(rule)) }
    guard !rules.isEmpty else {
      throw StatusError.badRequest("rules: Required value: a list with at least one rule")
    }
    self.init(rules, seed: UInt64(clamping: json["seed"]?.int ?? 1))
  }

  var json: JSONValue {
    let rules = entries.map { entry -> JSONValue in
      var json = entry.rule.json
      json["matched"] = JSONValue(entry.matched)
      json["hits"] = JSONValue(entry.hits)
      return json
    }
    return ["rules": .array(rules)]
  }
}

extension FaultRule {
  private static let conditions = [
    "verbs", "resources", "namespaces", "names", "skip", "times", "probability",
    "retryAfterSeconds",
  ]
  private static let effects = [
    "delayMilliseconds", "loseRequest", "loseAnswer", "fail", "resetAfterBytes", "staleByChanges",
    "freezeWatchAfterEvents", "endWatchAfterEvents", "expireWatchAfterEvents",
  ]

  init(_ json: JSONValue) throws(StatusError) {
    let keys = (json.object ?? [:]).keys
    if let unknown = keys.first(where: { !(Self.conditions + Self.effects).contains($0) }) {
      throw StatusError.badRequest(
        "rules: unknown member \"\(unknown)\"; known: \((Self.conditions + Self.effects).joined(separator: ", "))"
      )
    }
    let given = keys.filter(Self.effects.contains)
    guard given.count == 1, let effect = given.first else {
      throw StatusError.badRequest(
        "rules: one rule has one effect of \(Self.effects.joined(separator: ", "))")
    }
    func names(_ key: String) throws(StatusError) -> Set<String> {
      guard let value = json[key] else { return [] }
      let names = value.array?.compactMap(\.string) ?? []
      guard names.count == value.array?.count else {
        throw StatusError.badRequest("rules: \(key) must be a list of strings")
      }
      return Set(names)
    }
    func count(_ key: String) throws(StatusError) -> Int? {
      guard let value = json[key] else { return nil }
      guard let count = value.int, count >= 0 else {
        throw StatusError.badRequest("rules: \(key) must be a number, 0 or more")
      }
      return count
    }
    let probability = json["probability"].map { $0.double ?? $0.int.map(Double.init) ?? -1 } ?? 1
    guard (0...1).contains(probability) else {
      throw StatusError.badRequest("rules: probability must be between 0 and 1")
    }
    let amount = effect.hasPrefix("lose") ? 0 : try count(effect) ?? 0
    let wanted: Effect
    switch effect {
    case "delayMilliseconds": wanted = .delay(.milliseconds(amount))
    case "loseRequest": wanted = .loseRequest
    case "loseAnswer": wanted = .loseAnswer
    case "resetAfterBytes": wanted = .reset(afterBytes: amount)
    case "staleByChanges": wanted = .staleRead(changesAgo: amount)
    case "freezeWatchAfterEvents": wanted = .freezeWatch(afterEvents: amount)
    case "endWatchAfterEvents": wanted = .endWatch(afterEvents: amount)
    case "expireWatchAfterEvents": wanted = .expireWatch(afterEvents: amount)
    default:
      guard (400...599).contains(amount) else {
        throw StatusError.badRequest("rules: fail must be an HTTP status from 400 to 599")
      }
      wanted = .fail(status: amount, retryAfterSeconds: try count("retryAfterSeconds"))
    }
    self.init(
      wanted, verbs: try names("verbs"), resources: try names("resources"),
      namespaces: try names("namespaces"), names: try names("names"),
      skip: try count("skip") ?? 0, times: try count("times"), probability: probability)
  }

  var json: JSONValue {
    var json: JSONObject = [:]
    for (key, values) in [
      ("verbs", verbs), ("resources", resources), ("namespaces", namespaces), ("names", names),
    ] where !values.isEmpty {
      json[key] = JSONValue(values.sorted())
    }
    if skip > 0 { json["skip"] = JSONValue(skip) }
    if let times { json["times"] = JSONValue(times) }
    if probability < 1 { json["probability"] = .double(probability) }
    switch effect {
    case .delay(let delay):
      json["delayMilliseconds"] = JSONValue(Int(delay / .milliseconds(1)))
    case .loseRequest: json["loseRequest"] = true
    case .loseAnswer: json["loseAnswer"] = true
    case .fail(let status, let seconds):
      json["fail"] = JSONValue(status)
      if let seconds { json["retryAfterSeconds"] = JSONValue(seconds) }
    case .reset(let bytes): json["resetAfterBytes"] = JSONValue(bytes)
    case .staleRead(let changes): json["staleByChanges"] = JSONValue(changes)
    case .freezeWatch(let events): json["freezeWatchAfterEvents"] = JSONValue(events)
    case .endWatch(let events): json["endWatchAfterEvents"] = JSONValue(events)
    case .expireWatch(let events): json["expireWatchAfterEvents"] = JSONValue(events)
    }
    return .object(json)
  }
}
