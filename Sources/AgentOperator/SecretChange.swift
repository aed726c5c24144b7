import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import ManifestRendering

/// A change of the values of a generated Secret. One write makes it whole, with the time in the Secret
/// itself: whenever the process ends, it has either happened or not.
package enum SecretChange: Sendable, Equatable {
  /// A new value, made at this time (seconds since 1970).
  case rotate(at: Int64)
  /// `keepPrevious` was turned off.
  case forgetPrevious
}

extension Planner {
  /// What is due for generated Secrets that are otherwise as they should be.
  static func secretChanges(
    _ rendering: Rendering, _ observed: ObservedState, _ plan: Plan, now: Int64
  ) -> [PlanStep] {
    rendering.objects.compactMap { rendered in
      let key = rendered.object.key
      guard let rotation = rendered.rotation, let live = observed[.secrets, key],
        live.deletionTimestamp == nil, let version = live.resourceVersion,
        !plan.touches(.secrets, key)
      else { return nil }
      if let due = rotation.due(live, now: now), due <= now {
        return .changeSecret(rendered, .rotate(at: now), version: version)
      }
      let keeps = live.annotations[SecretRotation.keptAnnotation] == "true"
      guard keeps, !rotation.keepsPrevious else { return nil }
      return .changeSecret(rendered, .forgetPrevious, version: version)
    }
  }
}

extension Plan {
  /// Something is sent for the object, or it is somebody else's.
  fileprivate func touches(_ resource: ResourceType, _ key: ObjectKey) -> Bool {
    conflicts.contains { $0.resource == resource && $0.key == key }
      || steps.contains {
        guard case .apply(let rendered, _) = $0 else { return false }
        return rendered.resource == resource && rendered.object.key == key
      }
  }

  /// Whether something follows from what Secrets are afterwards: restarts, or ages.
  func changesSecrets(_ outcome: PlanExecutor.Outcome) -> Bool {
    steps.contains {
      switch $0 {
      case .changeSecret: true
      case .apply(let rendered, .missing):
        (rendered.lostAt != nil || rendered.rotation?.every != nil)
          && !outcome.conflicts.contains {
            $0.resource == .secrets && $0.key == rendered.object.key
          }
      default: false
      }
    }
  }
}

extension PlanExecutor {
  /// - Returns: false when the Secret has changed meanwhile: what is due is found out anew.
  func change(
    _ rendered: RenderedObject, _ change: SecretChange, version: String
  ) async throws -> Bool {
    do {
      let patch = Self.patch(rendered, change, version, copiesPrevious: true)
      try await send(patch, of: rendered, change)
    } catch let status as APIStatus where status.isConflict || status.isNotFound {
      try await read(rendered)
      return false
    } catch let status as APIStatus where status.isInvalid {
      // Somebody took the value away: there is none to be kept.
      let patch = Self.patch(rendered, change, version, copiesPrevious: false)
      try await send(patch, of: rendered, change)
    }
    return true
  }

  /// A watch that is behind would make us try the same again and again.
  private func read(_ rendered: RenderedObject) async throws {
    let key = rendered.object.key
    let live = try await client.getIfPresent(.secrets, key, representation: .metadata)
    if let live {
      _ = cache.children[.secrets]?.recordWrite(live)
    } else if let uid = cache.children[.secrets]?.uid(of: key) {
      _ = cache.children[.secrets]?.recordDelete(key, uid: uid)
    }
  }

  /// The answer is asked for without the values.
  private func send(
    _ patch: Patch, of rendered: RenderedObject, _ change: SecretChange
  ) async throws {
    let changed = try await client.patch(
      .secrets, rendered.object.key, patch, fieldManager: OperatorIdentity.secretsManager,
      representation: .metadata)
    ownWrites.answered(.secrets, changed.key, version: changed.resourceVersion)
    _ = cache.children[.secrets]?.recordWrite(changed)
    metrics.applied("changed")
    let what = if case .rotate = change { "rotated" } else { "forgot the previous value" }
    logger.info("secret \(what)", metadata: ["name": .string(changed.name)])
  }

  /// The server itself copies the old value, which this process never sees. A version that is not the
  /// present one is a conflict.
  private static func patch(
    _ rendered: RenderedObject, _ change: SecretChange, _ version: String, copiesPrevious: Bool
  ) -> Patch {
    guard case .rotate(let time) = change else {
      return .merge([
        "metadata": [
          "resourceVersion": .string(version),
          "annotations": [SecretRotation.keptAnnotation: .null],
        ],
        "data": [SecretRotation.previousKey: .null],
      ])
    }
    let rotatedAt = JSONValue.string(KubernetesTime(unixSeconds: time).secondsText)
    var generator = SystemRandomNumberGenerator()
    let length = rendered.generatedKeys[SecretRotation.key] ?? 0
    let value = JSONValue.string(
      Base64.encode(GeneratedValue.make(length: length, using: &generator)))
    guard rendered.rotation?.keepsPrevious == true, copiesPrevious else {
      return .merge([
        "metadata": [
          "resourceVersion": .string(version),
          "annotations": [
            SecretRotation.annotation: rotatedAt, SecretRotation.keptAnnotation: .null,
          ],
        ],
        "data": [SecretRotation.key: value, SecretRotation.previousKey: .null],
      ])
    }
    let (current, previous) = ("/data/\(SecretRotation.key)", "/data/\(SecretRotation.previousKey)")
    return .json([
      ["op": "replace", "path": "/metadata/resourceVersion", "value": .string(version)],
      ["op": "copy", "from": .string(current), "path": .string(previous)],
      ["op": "replace", "path": .string(current), "value": value],
      ["op": "add", "path": pointer(SecretRotation.annotation), "value": rotatedAt],
      ["op": "add", "path": pointer(SecretRotation.keptAnnotation), "value": "true"],
    ])
  }

  /// RFC 6901.
  private static func pointer(_ annotation: String) -> JSONValue {
    let escaped = annotation.split(separator: "/", omittingEmptySubsequences: false)
      .joined(separator: "~1")
    return .string("/metadata/annotations/\(escaped)")
  }
}
