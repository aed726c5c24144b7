import JSON

/// References to owners that an object has more than once
/// (apiserver `pkg/endpoints/handlers/create.go`, `dedupOwnerReferencesAndAddWarning`).
enum DuplicateOwners {
  /// Keeps the first of equal references.
  ///
  /// - Parameter moment: part of the warning: it differs for patches.
  /// - Returns: a warning, when there was something to remove.
  static func removed(from object: inout JSONValue, when moment: String) -> [String] {
    guard let all = object["metadata"]?["ownerReferences"]?.array, all.count > 1 else { return [] }
    var kept: [JSONValue] = []
    var duplicates: [String] = []
    for reference in all {
      guard kept.contains(reference) else {
        kept.append(reference)
        continue
      }
      let uid = reference["uid"]?.string ?? ""
      if !duplicates.contains(uid) { duplicates.append(uid) }
    }
    guard !duplicates.isEmpty else { return [] }
    object["metadata"]?["ownerReferences"] = .array(kept)
    return [
      ".metadata.ownerReferences contains duplicate entries\(moment); API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: \(duplicates.joined(separator: ", "))"
    ]
  }
}
