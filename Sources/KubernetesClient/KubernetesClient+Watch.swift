public import KubernetesAPI

extension KubernetesClient {
  /// Opens a watch and returns once the server has accepted it.
  ///
  /// Bookmarks are always asked for. Nothing is retried and nothing resumed: the stream ends when
  /// the server ends it or the connection breaks, and its reader opens the next one.
  ///
  /// - Throws: `APIStatus` when the server refuses (410: list again), `TransportError`.
  public func watch(
    _ resource: ResourceType, namespace: String? = nil, options: WatchOptions = WatchOptions()
  ) async throws -> WatchStream {
    let request = APIRequest(
      method: "GET", path: try resource.collectionPath(namespace: namespace),
      query: options.query(jitter: jitter()),
      headers: [
        ("accept", options.representation.accept(isList: false)), ("user-agent", userAgent),
      ])
    let response: APIStreamingResponse
    do {
      response = try await transport.stream(request)
    } catch {
      observe("GET", nil, nil)
      throw error
    }
    observe("GET", response.status, nil)
    guard response.status == 200 else { throw await Self.refusal(response) }
    return WatchStream(
      chunks: response.chunks,
      decoder: WatchEventDecoder(
        resource: resource, omittedMember: omitted(in: "object")))
  }

  private static func refusal(_ response: APIStreamingResponse) async -> APIStatus {
    var body: [UInt8] = []
    do {
      for try await chunk in response.chunks {
        body += chunk
        if body.count > 1 << 20 { break }
      }
    } catch {
      // The status alone says enough.
    }
    return APIStatus(status: response.status, headers: response.headers, body: body)
      ?? APIStatus(
        code: response.status, reason: "",
        message: "the server answered a watch with status \(response.status)")
  }
}

/// The events of one watch, for one reader.
///
/// An in-stream error is an element, `WatchEvent.error`, and the last one. Iteration ends with nil
/// when the server ended the stream regularly and throws `TransportError` when it broke or cannot be
/// read. Dropping the stream and its iterator closes the connection.
public struct WatchStream: AsyncSequence, Sendable {
  public typealias Element = WatchEvent
  public typealias Failure = any Error

  let chunks: AsyncThrowingStream<[UInt8], any Error>
  let decoder: WatchEventDecoder

  public init(chunks: AsyncThrowingStream<[UInt8], any Error>, decoder: WatchEventDecoder) {
    self.chunks = chunks
    self.decoder = decoder
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(chunks: chunks.makeAsyncIterator(), decoder: decoder)
  }

  public struct Iterator: AsyncIteratorProtocol {
    var chunks: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator
    var decoder: WatchEventDecoder
    var isAtEnd = false

    public mutating func next() async throws -> WatchEvent? {
      try await next(isolation: #isolation)
    }

    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(any Error) -> WatchEvent? {
      do {
        while !isAtEnd {
          if let event = try decoder.next() {
            if case .error = event { isAtEnd = true }
            return event
          }
          if let last = try await read(isolation: actor) { return last }
        }
        return nil
      } catch let failure as WatchEventDecoder.Failure {
        throw ended(by: failure)
      }
    }

    /// Like `next`, but objects that are added or modified come as text.
    public mutating func nextText(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(any Error) -> WatchEventText? {
      do {
        while !isAtEnd {
          if let event = try decoder.nextText() {
            if case .other(.error) = event { isAtEnd = true }
            return event
          }
          if let last = try await read(isolation: actor) { return .other(last) }
        }
        return nil
      } catch let failure as WatchEventDecoder.Failure {
        throw ended(by: failure)
      }
    }

    /// - Returns: the last event, when the stream has ended with it.
    private mutating func read(isolation actor: isolated (any Actor)?) async throws -> WatchEvent? {
      if let chunk = try await chunks.next(isolation: actor) {
        decoder.append(chunk)
        return nil
      }
      isAtEnd = true
      return try decoder.finish()
    }

    private mutating func ended(by failure: WatchEventDecoder.Failure) -> TransportError {
      isAtEnd = true
      switch failure.code {
      case .tooLarge: return TransportError(.tooLarge, failure.message)
      case .truncated: return TransportError(.connectionLost, failure.message)
      case .malformed: return TransportError(.other, failure.message)
      }
    }
  }
}
