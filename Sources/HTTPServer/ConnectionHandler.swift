import NIOCore
import NIOHTTP1

/// One client connection: requests in, answers out, strictly one after the other.
///
/// A connection costs a task only while a request is being answered. What a client sends ahead
/// (pipelining) waits here in order, and no more is read from the socket meanwhile; the end of the
/// connection is noticed all the same, because the channel reports it without being asked to read.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// Fired into the pipeline to end a connection as soon as its current request is answered.
  struct StopEvent: Sendable {}

  struct Limits: Sendable {
    var maximumBodyBytes: Int
    /// Without a complete request for this long, a connection is closed.
    var idleTimeout: TimeAmount
  }

  private enum State {
    case idle
    case receiving(HTTPRequestHead, ByteBuffer?)
    case responding
    /// A final answer is sent; what still comes is thrown away until the client closes.
    case discarding
    case closed
  }

  private let handler: @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  private let limits: Limits
  private let answers: AnswersInProgress
  private var state = State.idle
  private var waitingParts = CircularBuffer<HTTPServerRequestPart>()
  private var isReadHeld = false
  private var task: Task<Void, Never>?
  private var isStreaming = false
  private var isStopping = false
  /// What follows the waiting parts is not HTTP.
  private var inputFailed = false
  private var lastProgress = NIODeadline.now()
  private var idleCheck: Scheduled<Void>?

  init(
    limits: Limits, answers: AnswersInProgress,
    handler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) {
    self.limits = limits
    self.answers = answers
    self.handler = handler
  }

  // MARK: The connection

  func channelActive(context: ChannelHandlerContext) {
    lastProgress = .now()
    scheduleIdleCheck(context, at: lastProgress + limits.idleTimeout)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    state = .closed
    waitingParts.removeAll()
    task?.cancel()
    task = nil
    idleCheck?.cancel()
    idleCheck = nil
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is StopEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    isStopping = true
    switch state {
    case .responding:
      if isStreaming { task?.cancel() }
    case .idle, .receiving, .discarding:
      context.close(promise: nil)
    case .closed: break
    }
  }

  /// One timer per connection, moved only when it fires: a request costs nothing here.
  private func scheduleIdleCheck(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    idleCheck = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = bound.value
      handler.checkIdle(context)
    }
  }

  private func checkIdle(_ context: ChannelHandlerContext) {
    if case .closed = state { return }
    if case .responding = state { lastProgress = .now() }
    let deadline = lastProgress + limits.idleTimeout
    if deadline <= .now() {
      context.close(promise: nil)
    } else {
      scheduleIdleCheck(context, at: deadline)
    }
  }

  // MARK: Requests

  func read(context: ChannelHandlerContext) {
    if case .responding = state {
      isReadHeld = true
    } else {
      context.read()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if case .responding = state {
      waitingParts.append(part)
    } else {
      receive(part, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      // The transport failed: nothing can be said to the client any more.
      context.close(promise: nil)
      return
    }
    switch state {
    case .idle, .receiving:
      if error == .headerOverflow {
        refuse(431, "the header is too large", context)
      } else {
        refuse(400, "not an HTTP/1.1 request", context)
      }
    case .responding: inputFailed = true
    case .discarding, .closed: break
    }
  }

  private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch (part, state) {
    case (.head(let head), .idle):
      lastProgress = .now()
      begin(head, context)
    case (.body(var bytes), .receiving(let head, var body)):
      let count = (body?.readableBytes ?? 0) + bytes.readableBytes
      guard count <= limits.maximumBodyBytes else {
        refuseLargeBody(context)
        return
      }
      state = .idle  // gives up the second reference, so that appending does not copy
      if body == nil {
        body = bytes
      } else {
        body?.writeBuffer(&bytes)
      }
      state = .receiving(head, body)
    case (.end, .receiving(let head, let body)):
      answer(head, body, context)
    default: break
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard head.method != .CONNECT else {
      refuse(405, "this is not a proxy", context)
      return
    }
    let length = head.headers.first(name: "content-length").flatMap { Int($0) }
    if let length, length > limits.maximumBodyBytes {
      refuseLargeBody(context)
      return
    }
    state = .receiving(head, nil)
    let expectation = head.headers.first(name: "expect")
    if head.version.isPersistent, expectation?.lowercased() == "100-continue" {
      let answer = HTTPResponseHead(version: head.version, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
    }
  }

  private func refuseLargeBody(_ context: ChannelHandlerContext) {
    refuse(413, "the body is larger than \(limits.maximumBodyBytes) bytes", context)
  }

  /// Answers and ends the connection, reading on for a moment: closing with unread input would
  /// reset the connection before the client has read the answer (RFC 9112, section 9.6).
  private func refuse(_ status: Int, _ message: String, _ context: ChannelHandlerContext) {
    state = .discarding
    let bytes = context.channel.allocator.buffer(string: message + "\n")
    var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
    head.headers.add(name: "content-type", value: "text/plain; charset=utf-8")
    head.headers.add(name: "content-length", value: String(bytes.readableBytes))
    head.headers.add(name: "connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }

  // MARK: Answers

  private func answer(
    _ head: HTTPRequestHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext
  ) {
    state = .responding
    isStreaming = false
    let request = HTTPServerRequest(
      method: head.method.rawValue, target: head.uri,
      headers: HTTPServerHeaders(head.headers.map { ($0.name, $0.value) }),
      body: body.map { [UInt8]($0.readableBytesView) } ?? [],
      remoteAddress: Self.text(context.remoteAddress))
    let exchange = Exchange(
      channel: context.channel, version: head.version, isHead: head.method == .HEAD,
      clientKeepsAlive: head.isKeepAlive,
      connection: NIOLoopBound((self, context), eventLoop: context.eventLoop))
    answers.begin()
    task = Task { [handler, answers] in
      defer { answers.end() }
      await exchange.send(await handler(request))
    }
  }

  private static func text(_ address: SocketAddress?) -> String {
    guard let ip = address?.ipAddress, let port = address?.port else { return "" }
    return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }

  /// Whether the connection may stay open after this answer, as far as the server is concerned.
  var allowsKeepAlive: Bool { !isStopping && !(inputFailed && waitingParts.isEmpty) }

  func streamBegins() {
    isStreaming = true
    if isStopping { task?.cancel() }
  }

  func answerFinished(keepAlive: Bool, _ context: ChannelHandlerContext) {
    guard case .responding = state else { return }
    task = nil
    isStreaming = false
    guard keepAlive, allowsKeepAlive else {
      context.close(promise: nil)
      return
    }
    state = .idle
    lastProgress = .now()
    while !waitingParts.isEmpty {
      if case .responding = state { return }
      receive(waitingParts.removeFirst(), context)
    }
    if case .responding = state { return }
    if inputFailed {
      refuse(400, "not an HTTP/1.1 request", context)
    } else if isReadHeld {
      isReadHeld = false
      context.read()
    }
  }
}
