import Synchronization

/// What proves to the server who is asking.
struct IssuedCredentials: Sendable, Hashable {
  /// The value of the Authorization header.
  var authorization: Secret?
  /// PEM, from an exec plugin.
  var clientCertificate: IssuedCertificate?

  static let none = IssuedCredentials()

  static func bearer(_ token: String) -> IssuedCredentials {
    IssuedCredentials(authorization: Secret("Bearer \(token)"))
  }
}

struct IssuedCertificate: Sendable, Hashable {
  var certificate: Secret
  var key: Secret
}

/// Where credentials come from and how they are renewed.
protocol CredentialSource: Sendable {
  /// - Throws: `TransportError` with code `invalidCredentials`.
  func current() async throws -> IssuedCredentials

  /// After the server refused some with 401: others, or nil when there are none to be had.
  func renew(after refused: IssuedCredentials) async throws -> IssuedCredentials?

  /// Ends what runs to get some, and the calls that wait for it.
  func shutdown() async
}

extension CredentialSource {
  func shutdown() async {}
}

/// Credentials that stay the same.
struct FixedCredentials: CredentialSource {
  let issued: IssuedCredentials

  func current() async throws -> IssuedCredentials { issued }
  func renew(after refused: IssuedCredentials) async throws -> IssuedCredentials? { nil }
}

/// A bearer token in a file that is replaced from time to time, as a pod's is.
///
/// Read again every minute; while that fails the last good token stays in use, and the next try comes
/// 10 s later (client-go `transport/token_source.go`).
final class TokenFileCredentials: CredentialSource {
  static let lifetime: Duration = .seconds(60)
  static let pauseAfterFailure: Duration = .seconds(10)

  private struct State {
    var token: String?
    var readAgainAt: Duration = .zero
  }

  private let path: String
  private let now: @Sendable () -> Duration
  private let state = Mutex(State())

  /// - Parameter now: time since an arbitrary start.
  init(path: String, now: @escaping @Sendable () -> Duration) {
    self.path = path
    self.now = now
  }

  func current() async throws -> IssuedCredentials {
    let time = now()
    return try state.withLock { state in
      if let token = state.token, time < state.readAgainAt { return .bearer(token) }
      return try read(&state, time)
    }
  }

  func renew(after refused: IssuedCredentials) async throws -> IssuedCredentials? {
    let time = now()
    let issued = try state.withLock { state in try read(&state, time) }
    return issued == refused ? nil : issued
  }

  private func read(_ state: inout State, _ time: Duration) throws -> IssuedCredentials {
    var problem = "holds no token"
    do {
      let token = TokenFile.token(in: try FileReader.read(path))
      if !token.isEmpty {
        state.token = token
        state.readAgainAt = time + Self.lifetime
        return .bearer(token)
      }
    } catch {
      problem = error.problem
    }
    guard let old = state.token else {
      throw TransportError(.invalidCredentials, "the token file \(path) \(problem)")
    }
    state.readAgainAt = time + Self.pauseAfterFailure
    return .bearer(old)
  }
}
