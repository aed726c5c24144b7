/// The body of a streamed answer, for one reader.
///
/// Each element is what comes next of what has arrived; chunks are cut at arbitrary bytes.
/// Iteration ends with nil when the body is complete and throws `HTTPError` when it is not. The
/// transfer ends when the reading task is cancelled or the last copy of the stream is dropped.
public struct HTTPBodyStream: AsyncSequence, Sendable {
  public typealias Element = [UInt8]
  public typealias Failure = any Error

  private let handle: Handle

  init(_ transfer: Transfer, of client: CurlHTTPClient) { handle = Handle(transfer, client) }

  public func makeAsyncIterator() -> Iterator { Iterator(handle: handle) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let handle: Handle

    public mutating func next() async throws -> [UInt8]? {
      try await handle.transfer.read(on: handle.loop)
    }

    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(any Error) -> [UInt8]? {
      try await handle.transfer.read(on: handle.loop)
    }
  }

  /// Ends the transfer when nobody can read it any more, and keeps the client alive until then.
  fileprivate final class Handle: Sendable {
    let transfer: Transfer
    let client: CurlHTTPClient

    init(_ transfer: Transfer, _ client: CurlHTTPClient) {
      self.transfer = transfer
      self.client = client
    }

    var loop: CurlLoop { client.loop }

    deinit { transfer.cancel(on: loop) }
  }
}
