import Foundation
import Synchronization

/// A server for HTTP/2 over TLS that writes down whatever frames its script has, right or wrong:
/// `openssl s_server` does the TLS, this the frames (RFC 9113).
final class HostileHTTP2Server: @unchecked Sendable {
  let port: Int
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  var url: String { "https://127.0.0.1:\(port)/" }

  /// Waits for openssl without holding a thread that other tests need.
  ///
  /// - Parameters:
  ///   - alpn: the protocol to agree on.
  ///   - preface: what a client begins to speak with.
  ///   - script: the bytes that the connection with this number, from 0, is answered with, once
  ///     the client has begun to speak.
  static func start(
    alpn: String = "h2", preface: String = "PRI * HTTP/2.0",
    _ script: @escaping @Sendable (Int) -> [UInt8]
  ) async throws -> HostileHTTP2Server {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result { try HostileHTTP2Server(alpn, Array(preface.utf8), script) })
      }
    }
  }

  private init(
    _ alpn: String, _ preface: [UInt8], _ script: @escaping @Sendable (Int) -> [UInt8]
  ) throws {
    let identity = try TLSFixture.certificates.get().server
    process.executableURL = URL(fileURLWithPath: TLSFixture.openssl)
    process.arguments = [
      "s_server", "-accept", "127.0.0.1:0", "-cert", identity.certificatePath, "-key",
      identity.keyPath, "-alpn", alpn,
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var seen: [UInt8] = []
    var port: Int?
    while port == nil {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { throw CocoaError(.executableLoad) }
      seen += data
      port = Self.port(in: String(decoding: seen, as: UTF8.self))
    }
    self.port = port ?? 0
    let (output, input) = (output.fileHandleForReading, input.fileHandleForWriting)
    Thread.detachNewThread {
      var connections = 0
      var seen: [UInt8] = []
      while true {
        let data = output.availableData
        if data.isEmpty { return }
        seen += data
        while let range = seen.firstRange(of: preface) {
          seen.removeSubrange(..<range.upperBound)
          try? input.write(contentsOf: Data(script(connections)))
          connections += 1
        }
      }
    }
  }

  private static func port(in text: String) -> Int? {
    guard let range = text.range(of: "ACCEPT 127.0.0.1:"),
      let end = text[range.upperBound...].firstIndex(of: "\n")
    else { return nil }
    return Int(text[range.upperBound..<end])
  }

  deinit { process.terminate() }
}

/// Frames of HTTP/2 as bytes.
enum HTTP2Frame {
  static let settings = frame(4, [])
  static func data(_ text: String, ends: Bool) -> [UInt8] {
    frame(0, Array(text.utf8), flags: ends ? 1 : 0, stream: 1)
  }
  /// `:status: 200` from the static table (RFC 7541, appendix A).
  static let ok = frame(1, [0x88], flags: 4, stream: 1)

  static func goAway(lastStream: UInt32, error: UInt32) -> [UInt8] {
    frame(7, bytes(lastStream) + bytes(error))
  }

  static func reset(error: UInt32) -> [UInt8] { frame(3, bytes(error), stream: 1) }

  /// - Parameter length: what the head says, if not the truth.
  static func frame(
    _ type: UInt8, _ payload: [UInt8], flags: UInt8 = 0, stream: UInt32 = 0, length: Int? = nil
  ) -> [UInt8] {
    let length = length ?? payload.count
    let head = [16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + [type, flags]
    return head + bytes(stream) + payload
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
