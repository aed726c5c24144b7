extension KubernetesClient {
  /// The same client, but whatever may change something is sent only when `check` does not throw.
  /// Each try is checked, also those that are repeated.
  ///
  /// - Parameter check: its error is thrown to the caller; nothing is sent then.
  public func guardingWrites(_ check: @escaping @Sendable () throws -> Void) -> KubernetesClient {
    KubernetesClient(
      transport: GuardedTransport(inner: transport, check: check), userAgent: userAgent,
      retryPolicy: retryPolicy, sleep: sleep, jitter: jitter, observer: observer,
      omitsManagedFields: omitsManagedFields)
  }

  private init(
    transport: any APITransport, userAgent: String, retryPolicy: RetryPolicy,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    jitter: @escaping @Sendable () -> Double,
    observer: (@Sendable (RequestObservation) -> Void)?, omitsManagedFields: Bool
  ) {
    self.transport = transport
    self.userAgent = userAgent
    self.retryPolicy = retryPolicy
    self.sleep = sleep
    self.jitter = jitter
    self.observer = observer
    self.omitsManagedFields = omitsManagedFields
  }
}

private struct GuardedTransport: APITransport {
  let inner: any APITransport
  let check: @Sendable () throws -> Void

  func send(_ request: APIRequest) async throws -> APIResponse {
    if request.method != "GET", request.method != "HEAD" { try check() }
    return try await inner.send(request)
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    try await inner.stream(request)
  }
}
