import NIOCore
import NIOHTTP1

/// Sends the body of a streamed answer.
public struct HTTPResponseWriter: Sendable {
  private let channel: any Channel

  init(_ channel: any Channel) { self.channel = channel }

  /// Returns when the operating system has taken the bytes, so a slow client slows the caller down.
  ///
  /// Throws `HTTPServerError` with `.clientGone` when the client has disconnected, and
  /// `CancellationError` when the task is cancelled.
  public func write(_ bytes: [UInt8]) async throws {
    try Task.checkCancellation()
    guard !bytes.isEmpty else { return }
    do {
      let buffer = channel.allocator.buffer(bytes: bytes)
      try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer))).get()
    } catch {
      throw HTTPServerError(.clientGone, "the client has disconnected: \(error)")
    }
  }
}
