import JSON
import KubernetesAPI

/// Keeps `metadata.managedFields`, and merges what managers apply, as structured-merge-diff does.
///
/// A value for one request: it knows the version and subresource that the request addresses.
/// https://kubernetes.io/docs/reference/using-api/server-side-apply/
struct FieldManager: Sendable {
  /// Fields that a request can neither change nor own.
  enum ResetFields: Sendable {
    case none, status, allButStatus
    /// The spec and, when one is named, a member of the metadata.
    case spec(metadata: String?)
  }

  var schema: TypeSchema
  var gvk: GroupVersionKind
  var subresource: String?
  var resets: ResetFields
  /// RFC 3339, whole seconds.
  var now: String
  /// What an object of the kind is before anything is set.
  var emptyObject: JSONValue
  /// Schemas of the resource's other versions by apiVersion; entries of versions that are neither
  /// here nor this one keep their fields as they are.
  var otherVersions: [String: TypeSchema] = [:]

  // MARK: - Update

  /// The new object with ownership brought up to date: the manager owns what it changed.
  ///
  /// - Parameter old: the object as it is, nil when the new one is created. The new object's own
  ///   `managedFields` replace those of the old one, if they are well-formed.
  func update(old: JSONValue?, new: JSONValue, manager: String) -> JSONValue {
    let live = old ?? emptyObject
    var managed: ManagedFields
    let sent = new[path: "metadata", "managedFields"]
    let stored = live[path: "metadata", "managedFields"]
    let before = ManagedFields(stored) ?? ManagedFields()
    if subresource != nil || sent == stored {
      managed = before
    } else if ManagedFields.isReset(sent) {
      managed = ManagedFields()
    } else if let taken = ManagedFields(sent), !taken.isEmpty {
      managed = taken
    } else {
      managed = before
    }
    let result = withoutManagedFields(new)
    if managed.isEmpty, live[path: "metadata", "uid"]?.string?.isEmpty == false { return result }
    updateOwnership(withoutManagedFields(live), result, manager, &managed)
    managed.capUpdateManagers()
    return with(managed, result)
  }

  private func updateOwnership(
    _ live: JSONValue, _ new: JSONValue, _ manager: String, _ managed: inout ManagedFields
  ) {
    reconcile(&managed)
    let comparison = TypedComparison(from: live, to: new, schema: schema).filtered(filter)
    takeAway(comparison, from: &managed, except: nil)
    let own = stripped(filter(comparison.modified.union(comparison.added)))
    guard !own.isEmpty else { return }
    let identity = ManagedFields.Identity(
      manager: manager.isEmpty ? "unknown" : manager, operation: .update,
      apiVersion: gvk.apiVersion, subresource: subresource)
    let previous = managed.entries[identity]?.set ?? FieldSet()
    managed.entries[identity] = ManagedFields.Entry(
      apiVersion: gvk.apiVersion, set: own.union(previous), time: now)
  }

  /// What others owned and is changed or gone is no longer theirs.
  private func takeAway(
    _ comparison: TypedComparison, from managed: inout ManagedFields,
    except applier: ManagedFields.Identity?
  ) {
    let lost = comparison.modified.union(comparison.added).union(comparison.removed)
    if !lost.isEmpty {
      for (identity, entry) in managed.entries where identity != applier {
        managed.entries[identity]?.set = entry.set.subtracting(lost)
      }
    }
    managed.entries = managed.entries.filter { !$0.value.set.isEmpty }
  }

  // MARK: - Apply

  /// The live object with the applied one merged in and what the manager no longer applies removed.
  ///
  /// The result is neither decoded nor defaulted yet.
  ///
  /// - Parameter live: nil when the apply creates the object.
  func apply(
    live: JSONValue?, applied: JSONValue, manager: String, force: Bool
  ) throws(ApplyError) -> JSONValue {
    let appliedKind = GroupVersionKind(
      apiVersion: applied["apiVersion"]?.string ?? "", kind: applied["kind"]?.string ?? "")
    guard appliedKind == gvk else {
      throw .badRequest("invalid object type: \(Self.text(appliedKind))")
    }
    if let sent = applied[path: "metadata", "managedFields"], !sent.isNull {
      throw .badRequest("metadata.managedFields must be nil")
    }
    let faults = schema.applyFaults(in: applied)
    if !faults.isEmpty {
      let namespace = applied[path: "metadata", "namespace"]?.string ?? ""
      let name = applied[path: "metadata", "name"]?.string ?? ""
      let text =
        faults.count == 1
        ? faults[0] : (["errors:"] + faults.map { "  \($0)" }).joined(separator: "\n")
      throw .typed(
        "failed to create typed patch object (\(namespace)/\(name); \(Self.text(gvk))): \(text)")
    }
    let current = live ?? emptyObject
    var managed = ManagedFields(current[path: "metadata", "managedFields"]) ?? ManagedFields()
    let bare = withoutManagedFields(current)
    if managed.isEmpty {
      updateOwnership(emptyObject, bare, "before-first-apply", &managed)
    }
    let identity = ManagedFields.Identity(
      manager: manager, operation: .apply, apiVersion: gvk.apiVersion, subresource: subresource)
    switch merge(bare, applied, managed, identity, force: force) {
    case .merged(let object): return object
    case .refused(let conflicts):
      let allowed = manager == "kubectl" ? allowedByLastApplied(bare) : FieldSet()
      let rest = conflicts.filter { !allowed.contains($0.path) }
      if rest.isEmpty,
        case .merged(let object) = merge(bare, applied, managed, identity, force: true)
      {
        return object
      }
      throw Self.error(rest)
    }
  }

  private struct Conflict {
    var identity: ManagedFields.Identity
    var path: [PathElement]
  }

  private enum MergeResult {
    case merged(JSONValue)
    case refused([Conflict])
  }

  private func merge(
    _ live: JSONValue, _ applied: JSONValue, _ before: ManagedFields,
    _ identity: ManagedFields.Identity, force: Bool
  ) -> MergeResult {
    var managed = before
    reconcile(&managed)
    var object = schema.merged(live, with: applied)
    let last = managed.entries[identity]
    managed.entries[identity] = ManagedFields.Entry(
      apiVersion: gvk.apiVersion, set: filter(schema.fieldSet(of: applied)), time: last?.time)
    if let last, !last.set.isEmpty { object = pruned(object, last, managed) }

    let comparison = TypedComparison(from: live, to: object, schema: schema).filtered(filter)
    let changed = comparison.modified.union(comparison.added)
    var conflicts: [Conflict] = []
    for (owner, entry) in managed.entries where owner != identity {
      for path in entry.set.intersection(changed).paths {
        conflicts.append(Conflict(identity: owner, path: path))
      }
    }
    if !force && !conflicts.isEmpty { return .refused(conflicts) }
    takeAway(comparison, from: &managed, except: identity)
    if let entry = managed.entries[identity] {
      let own = stripped(entry.set)
      managed.entries[identity] =
        own.isEmpty
        ? nil
        : ManagedFields.Entry(
          apiVersion: entry.apiVersion, set: own, time: object == live ? entry.time : now)
    }
    if identity.manager == "kubectl" { object = withLastApplied(object, applied) }
    return .merged(with(managed, object))
  }

  /// Removes what the manager applied before, applies no longer, and nobody else owns.
  private func pruned(
    _ merged: JSONValue, _ last: ManagedFields.Entry, _ managed: ManagedFields
  ) -> JSONValue {
    let lastSchema = version(last.apiVersion) ?? schema
    let lastSet = last.set.withDeclaredFieldsAsMembers(lastSchema)
    var result = lastSchema.removing(lastSet, from: merged)
    var owned: [String: FieldSet] = [:]
    for entry in managed.entries.values {
      owned[entry.apiVersion, default: FieldSet()] =
        owned[entry.apiVersion, default: FieldSet()].union(entry.set)
    }
    for apiVersion in owned.keys.sorted(by: { a, _ in a == last.apiVersion }) {
      guard let schema = version(apiVersion), let set = owned[apiVersion] else { continue }
      let kept = members(result, schema).union(set.withDeclaredFieldsAsMembers(schema))
      result = schema.removing(members(merged, schema).subtracting(kept), from: merged)
    }
    // What was never the manager's stays, owned or not.
    let gone = members(merged, lastSchema).subtracting(members(result, lastSchema))
    return lastSchema.removing(gone.intersection(lastSet), from: merged)
  }

  private func members(_ value: JSONValue, _ schema: TypeSchema) -> FieldSet {
    schema.fieldSet(of: value).withDeclaredFieldsAsMembers(schema)
  }

  private static func error(_ conflicts: [Conflict]) -> ApplyError {
    let texts = conflicts.map { ($0.identity.text, $0.path.map(\.path).joined()) }
    let causes = texts.map {
      FieldCause(
        reason: "FieldManagerConflict", field: $0.1, message: "conflict with \($0.0)")
    }
    if texts.count == 1 {
      return .conflicts(
        message: "Apply failed with 1 conflict: conflict with \(texts[0].0): \(texts[0].1)",
        causes: causes)
    }
    var lines: [String] = []
    for manager in Set(texts.map(\.0)).sorted() {
      lines.append("conflicts with \(manager):")
      for text in texts where text.0 == manager { lines.append("- \(text.1)") }
    }
    return .conflicts(
      message: "Apply failed with \(texts.count) conflicts: \(lines.joined(separator: "\n"))",
      causes: causes)
  }
}
