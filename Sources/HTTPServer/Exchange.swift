import NIOCore
import NIOHTTP1

/// Sends the answer to one request, from the handler's task.
struct Exchange: Sendable {
  let channel: any Channel
  let version: HTTPVersion
  let isHead: Bool
  let clientKeepsAlive: Bool
  let connection: NIOLoopBound<(ConnectionHandler, ChannelHandlerContext)>

  func send(_ response: HTTPServerResponse) async {
    switch response.body {
    case .bytes(let bytes):
      channel.eventLoop.execute { send(response, bytes) }
    case .stream(let produce):
      await stream(response, produce)
    case .disconnect: channel.close(promise: nil)
    }
  }

  /// Head, body and end in one write to the socket.
  private func send(_ response: HTTPServerResponse, _ bytes: [UInt8]) {
    let (handler, context) = connection.value
    var head = head(response)
    let keepsAlive = clientKeepsAlive && handler.allowsKeepAlive
    if Self.mayHaveBody(response.status) {
      head.headers.replaceOrAdd(name: "content-length", value: String(bytes.count))
    }
    setConnection(&head, keepsAlive)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    if !isHead, !bytes.isEmpty, Self.mayHaveBody(response.status) {
      let buffer = channel.allocator.buffer(bytes: bytes)
      channel.write(HTTPServerResponsePart.body(.byteBuffer(buffer)), promise: nil)
    }
    let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    if keepsAlive, channel.isWritable {
      handler.answerFinished(keepAlive: true, context)
    } else {
      // A client that does not read its answers must not be able to ask for more of them.
      let connection = connection
      written.whenComplete { _ in
        let (handler, context) = connection.value
        handler.answerFinished(keepAlive: keepsAlive, context)
      }
    }
  }

  private func stream(
    _ response: HTTPServerResponse,
    _ produce: @Sendable (HTTPResponseWriter) async throws -> Void
  ) async {
    let hasBody = Self.mayHaveBody(response.status) && !isHead
    // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
    let isChunked = hasBody && version.isPersistent
    let connection = connection
    do {
      let keepsAlive = try await channel.eventLoop.submit {
        let (handler, _) = connection.value
        handler.streamBegins()
        let keepsAlive = clientKeepsAlive && handler.allowsKeepAlive && (isChunked || !hasBody)
        var head = head(response)
        if isChunked { head.headers.replaceOrAdd(name: "transfer-encoding", value: "chunked") }
        if !hasBody, Self.mayHaveBody(response.status) {
          head.headers.replaceOrAdd(name: "content-length", value: "0")
        }
        setConnection(&head, keepsAlive)
        channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
        return keepsAlive
      }.get()
      if hasBody { try await produce(HTTPResponseWriter(channel)) }
      try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
      channel.eventLoop.execute {
        let (handler, context) = connection.value
        handler.answerFinished(keepAlive: keepsAlive, context)
      }
    } catch {
      // Without the final chunk the client knows that the body is incomplete.
      channel.close(promise: nil)
    }
  }

  private func head(_ response: HTTPServerResponse) -> HTTPResponseHead {
    var head = HTTPResponseHead(version: version, status: .init(statusCode: response.status))
    for (name, value) in response.headers where !value.utf8.contains(where: Self.isLineBreak) {
      head.headers.add(name: name, value: value)
    }
    return head
  }

  private func setConnection(_ head: inout HTTPResponseHead, _ keepsAlive: Bool) {
    if !keepsAlive {
      head.headers.replaceOrAdd(name: "connection", value: "close")
    } else if !version.isPersistent {
      head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
    }
  }

  /// A value with one could forge further headers (RFC 9112, section 11.1): it is left out.
  private static func isLineBreak(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
  }

  /// RFC 9110, section 6.4.1.
  private static func mayHaveBody(_ status: Int) -> Bool {
    !(100..<200).contains(status) && status != 204 && status != 304
  }
}

extension HTTPVersion {
  /// HTTP/1.1 or later: chunked bodies, `100 Continue`, and connections that stay open by default.
  var isPersistent: Bool { major > 1 || (major == 1 && minor >= 1) }
}
