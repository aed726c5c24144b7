import JSON

extension TypeSchema {
  /// The live value with an applied one laid over it: maps and associative lists merge, the rest is
  /// replaced. The order of list elements follows the applied list where both have an element.
  func merged(_ live: JSONValue, with applied: JSONValue) -> JSONValue {
    merge(live, applied) ?? .null
  }

  private func merge(_ live: JSONValue?, _ applied: JSONValue?) -> JSONValue? {
    guard let applied else { return live }
    switch MergeShape(self, for: applied) {
    case .scalar, .list(.atomic), .map(isAtomic: true): return applied
    case .list:
      let (lives, applieds) = (live?.array ?? [], applied.array ?? [])
      if lives.isEmpty && applieds.isEmpty { return applied }
      let items = mergeItems(lives, applieds)
      // Why not a conditional expression: nil would be read as JSON's null.
      if items.isEmpty { return nil }
      return .array(items)
    case .map(isAtomic: false):
      let (lives, applieds) = (live?.object ?? [:], applied.object ?? [:])
      if lives.isEmpty && applieds.isEmpty { return applied }
      var result = JSONObject()
      for (key, value) in lives {
        result[key] = (member(key) ?? .anything).merge(value, applieds[key])
      }
      for (key, value) in applieds where lives[key] == nil {
        result[key] = (member(key) ?? .anything).merge(nil, value)
      }
      if result.isEmpty { return nil }
      return .object(result)
    }
  }

  /// Interleaves: applied elements keep their order, live ones stay between their neighbours.
  private func mergeItems(_ lives: [JSONValue], _ applieds: [JSONValue]) -> [JSONValue] {
    let items = items ?? .anything
    let liveSteps = lives.compactMap { value in pathElement(ofItem: value).map { ($0, value) } }
    let appliedSteps = applieds.compactMap { value in
      pathElement(ofItem: value).map { ($0, value) }
    }
    let appliedByStep = Dictionary(appliedSteps, uniquingKeysWith: { first, _ in first })
    // A live element that is there twice has no single value to merge with.
    let liveByStep = Dictionary(liveSteps.map { ($0, Optional($1)) }) { _, _ in nil }
    var shared = appliedSteps.map(\.0).filter { liveByStep[$0] != nil }[...]
    var nextShared = shared.popFirst()
    var done: Set<PathElement> = []
    var result: [JSONValue] = []
    var (l, a) = (0, 0)
    while l < liveSteps.count || a < appliedSteps.count {
      if l < liveSteps.count, a < appliedSteps.count {
        let (step, _) = liveSteps[l]
        if step == appliedSteps[a].0 {
          done.insert(step)
          if let value = items.merge(liveByStep[step] ?? nil, appliedSteps[a].1) {
            result.append(value)
          }
          l += 1
          a += 1
          nextShared = shared.popFirst()
          continue
        }
        if appliedByStep[step] != nil, let nextShared, nextShared != step {
          l += 1
          continue
        }
      }
      if l < liveSteps.count {
        let (step, value) = liveSteps[l]
        if appliedByStep[step] == nil {
          result.append(value)
          l += 1
          continue
        } else if done.contains(step) {
          l += 1
        }
      }
      if a < appliedSteps.count {
        let (step, applied) = appliedSteps[a]
        done.insert(step)
        if let value = items.merge(liveByStep[step] ?? nil, applied) { result.append(value) }
        a += 1
        if nextShared == step { nextShared = shared.popFirst() }
      }
    }
    return result
  }

  /// The value without the paths of a set. A map or list that loses all of its members becomes null,
  /// one that is emptied only further down stays, empty
  /// (https://github.com/kubernetes-sigs/structured-merge-diff, typed/remove.go, since v6).
  func removing(_ set: FieldSet, from value: JSONValue) -> JSONValue {
    switch MergeShape(self, for: value) {
    case .scalar: return value
    case .list(.atomic), .map(isAtomic: true): return .null
    case .list:
      var kept: [JSONValue] = []
      var isEmptiedBelow = false
      for element in value.array ?? [] {
        guard let step = pathElement(ofItem: element) else {
          kept.append(element)
          continue
        }
        if set.members.contains(step) { continue }
        let below = set.below(step)
        if !below.isEmpty { isEmptiedBelow = true }
        kept.append((items ?? .anything).removingBelow(below, from: element))
      }
      return kept.isEmpty && !isEmptiedBelow ? .null : .array(kept)
    case .map(isAtomic: false):
      var kept = JSONObject()
      var isEmptiedBelow = false
      for (key, member) in value.object ?? JSONObject() {
        let step = PathElement.field(key)
        if set.members.contains(step) { continue }
        let below = set.below(step)
        if !below.isEmpty { isEmptiedBelow = true }
        kept[key] = (self.member(key) ?? .anything).removingBelow(below, from: member)
      }
      return kept.isEmpty && !isEmptiedBelow ? .null : .object(kept)
    }
  }

  /// As `removing`, of a value that itself stays.
  private func removingBelow(_ set: FieldSet, from value: JSONValue) -> JSONValue {
    if set.isEmpty { return value }
    let rest = removing(set, from: value)
    guard rest == .null else { return rest }
    switch value {
    case .object: return [:]
    case .array: return []
    default: return rest
    }
  }
}
