import Synchronization

/// The certificates in use. They are looked for again every minute, and those that an exec plugin
/// issues are used at once; while there are none that can be read and used, the old ones stay.
final class CertificateRenewal: Sendable {
  static let lifetime: Duration = .seconds(60)

  private struct State {
    var material: TLSMaterial
    var checkAgainAt: Duration
    /// The one that was of no use; tried again only then.
    var refused: IssuedCertificate?
  }

  private let configuration: ClientConfiguration
  private let now: @Sendable () -> Duration
  private let use: @Sendable (TLSMaterial) throws -> Void
  private let state: Mutex<State>

  /// - Parameters:
  ///   - now: time since an arbitrary start.
  ///   - use: from the next connection on; throws when that cannot be.
  init(
    _ configuration: ClientConfiguration, _ material: TLSMaterial,
    now: @escaping @Sendable () -> Duration, use: @escaping @Sendable (TLSMaterial) throws -> Void
  ) {
    self.configuration = configuration
    self.now = now
    self.use = use
    state = Mutex(State(material: material, checkAgainAt: now() + Self.lifetime))
  }

  /// - Parameter issued: by an exec plugin.
  func renew(_ issued: IssuedCertificate?) {
    let time = now()
    // Why all of it under the lock: whoever comes meanwhile needs the new certificates too.
    state.withLock { state in
      let isOther =
        issued != nil && issued != state.material.certificate && issued != state.refused
      guard isOther || time >= state.checkAgainAt else { return }
      state.checkAgainAt = time + Self.lifetime
      guard let material = try? TLSMaterial(configuration, issued: issued) else {
        state.refused = issued
        return
      }
      guard material != state.material else { return }
      do {
        try use(material)
        state.material = material
        state.refused = nil
      } catch {
        state.refused = issued
      }
    }
  }
}
