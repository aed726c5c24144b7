public import KubernetesAPI

/// When a failed call is tried again, and after how long.
///
/// As client-go's `rest/with_retry.go`: what the server asks to repeat (`Retry-After`) is repeated
/// whatever the verb. Reads are also repeated after server errors and broken connections; a write
/// that may have happened is not, its caller looks first.
public struct RetryPolicy: Sendable {
  /// How often a call is repeated at the server's request.
  public var maximumRequestedRetries: Int
  /// How often a read is repeated on the client's own account.
  public var maximumOwnRetries: Int
  /// The first own pause; it doubles with each try.
  public var basePause: Duration
  /// Longer `Retry-After` times are cut to this.
  public var maximumPause: Duration

  public init(
    maximumRequestedRetries: Int = 10, maximumOwnRetries: Int = 3,
    basePause: Duration = .milliseconds(100), maximumPause: Duration = .seconds(30)
  ) {
    self.maximumRequestedRetries = maximumRequestedRetries
    self.maximumOwnRetries = maximumOwnRetries
    self.basePause = basePause
    self.maximumPause = maximumPause
  }

  /// Never repeats anything.
  public static let never = RetryPolicy(maximumRequestedRetries: 0, maximumOwnRetries: 0)

  public enum Failure: Sendable {
    case status(APIStatus)
    case transport(TransportError.Code)
  }

  /// The pause before the next try, or nil to give up.
  ///
  /// - Parameters:
  ///   - retries: how often this call was repeated already.
  ///   - jitter: from 0 up to 1; own pauses are between half of the full one and all of it.
  public func pause(
    afterTry retries: Int, method: String, failure: Failure, jitter: Double
  ) -> Duration? {
    let isRead = method == "GET" || method == "HEAD"
    switch failure {
    case .status(let status):
      // Why: both mean "list again", which only the caller can do (correctness rule 2).
      if status.isExpired || status.isTooLargeResourceVersion { return nil }
      let asked = status.retryAfterSeconds.map { Duration.seconds(max(0, $0)) }
      let isServerError = (500...599).contains(status.code)
      if status.code == 429 || (isServerError && asked != nil) {
        guard retries < maximumRequestedRetries else { return nil }
        let pause = min(asked ?? .seconds(1), maximumPause)
        // Why: without it all that were refused together come back together.
        return pause + basePause * jitter
      }
      return isServerError && isRead ? ownPause(retries, jitter) : nil
    case .transport(let code):
      switch code {
      case .unreachable, .connectionRefused, .timeout, .inactive, .connectionLost:
        return isRead ? ownPause(retries, jitter) : nil
      case .tls, .invalidCredentials, .cancelled, .tooLarge, .other:
        return nil
      }
    }
  }

  private func ownPause(_ retries: Int, _ jitter: Double) -> Duration? {
    guard retries < maximumOwnRetries else { return nil }
    let full = min(basePause * (1 << min(retries, 20)), maximumPause)
    return full * (0.5 + 0.5 * min(max(jitter, 0), 1))
  }
}
