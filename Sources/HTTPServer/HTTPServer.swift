import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 server without TLS, for probes, metrics and the embedded cluster.
///
/// Serves keep-alive and pipelined connections, `Expect: 100-continue`, HEAD, and streamed answers
/// with back-pressure. Answers 400 to what is not HTTP, 413 to a body and 431 to a header that is
/// too large. The handler runs in a task of its own for each request, which is cancelled when the
/// client disconnects.
public final class HTTPServer: Sendable {
  public typealias Handler = @Sendable (HTTPServerRequest) async -> HTTPServerResponse

  private struct State {
    var wasStarted = false
    var group: MultiThreadedEventLoopGroup?
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  private let host: String
  private let port: Int
  private let threads: Int
  private let maximumConnections: Int
  private let limits: ConnectionHandler.Limits
  private let handler: Handler
  private let state = Mutex(State())
  private let answers = AnswersInProgress()

  /// - Parameters:
  ///   - host: the address to listen on; empty for all of this machine's.
  ///   - port: 0 for one that is free.
  ///   - maximumConnections: further clients are disconnected at once.
  ///   - idleTimeout: a connection on which no complete request arrives for this long is closed.
  public init(
    host: String = "127.0.0.1", port: Int = 0, maximumBodyBytes: Int = 3 << 20,
    maximumConnections: Int = 2048, idleTimeout: Duration = .seconds(180), threads: Int = 1,
    handler: @escaping Handler
  ) {
    self.host = host
    self.port = port
    self.threads = max(1, threads)
    self.maximumConnections = maximumConnections
    self.handler = handler
    limits = ConnectionHandler.Limits(
      maximumBodyBytes: maximumBodyBytes, idleTimeout: TimeAmount(idleTimeout))
  }

  /// Listens, and returns the port. Throws `HTTPServerError` when that is impossible.
  @discardableResult
  public func start() async throws -> Int {
    let isFirst = state.withLock { state in
      defer { state.wasStarted = true }
      return !state.wasStarted
    }
    guard isFirst else {
      throw HTTPServerError(.alreadyStarted, "the HTTP server was started before")
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelInitializer { [weak self] channel in
        self?.configure(channel) ?? channel.close()
      }
    do {
      let listener = try await bind(bootstrap)
      state.withLock { state in
        state.group = group
        state.listener = listener
      }
      return listener.localAddress?.port ?? port
    } catch {
      try? await group.shutdownGracefully()
      throw HTTPServerError(binding: host, port, error)
    }
  }

  /// Stops listening, lets answers in progress finish for `grace`, cancels streamed ones, and
  /// closes every connection. Without effect when not running.
  public func stop(grace: Duration = .seconds(5)) async {
    let (group, listener) = state.withLock { state in
      defer {
        state.group = nil
        state.listener = nil
      }
      return (state.group, state.listener)
    }
    guard let group, let listener else { return }
    try? await listener.close().get()
    let open = state.withLock { [any Channel]($0.connections.values) }
    for channel in open {
      channel.pipeline.fireUserInboundEventTriggered(ConnectionHandler.StopEvent())
    }
    let deadline = group.next().scheduleTask(in: TimeAmount(grace)) {
      for channel in open { channel.close(promise: nil) }
    }
    for channel in open { try? await channel.closeFuture.get() }
    deadline.cancel()
    await answers.shutDownWhenDone(group)
  }

  private func bind(_ bootstrap: ServerBootstrap) async throws -> any Channel {
    guard host.isEmpty else { return try await bootstrap.bind(host: host, port: port).get() }
    do {
      // Serves IPv4 as well, unless the machine has no IPv6 at all.
      return try await bootstrap.bind(host: "::", port: port).get()
    } catch let error as IOError
      where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL
    {
      return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
    }
  }

  private func configure(_ channel: any Channel) -> EventLoopFuture<Void> {
    let id = ObjectIdentifier(channel)
    let isAccepted = state.withLock { state in
      guard state.connections.count < maximumConnections else { return false }
      state.connections[id] = channel
      return true
    }
    guard isAccepted else { return channel.close() }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.state.withLock { state in _ = state.connections.removeValue(forKey: id) }
    }
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(HTTPResponseEncoder())
      try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
      try pipeline.addHandler(ConnectionHandler(limits: limits, answers: answers, handler: handler))
    }
  }
}
