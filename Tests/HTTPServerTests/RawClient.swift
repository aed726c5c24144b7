import Foundation
import Glibc

/// A client that sends exactly the bytes it is told to. Its calls block, so they run on a thread of
/// their own and the test awaits them.
final class RawClient: @unchecked Sendable {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
    // A test that waits for bytes that never come fails instead of hanging.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { Glibc.close(descriptor) }

  func send(_ text: String) async { await send([UInt8](text.utf8)) }

  func send(_ bytes: [UInt8]) async {
    await blocking { [descriptor] in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Everything up to and including the text, or up to the end of the connection.
  func receive(upTo text: String) async -> String {
    await blocking { [descriptor] in
      let end = [UInt8](text.utf8)
      var received: [UInt8] = []
      var byte: UInt8 = 0
      while !received.suffix(end.count).elementsEqual(end), read(descriptor, &byte, 1) == 1 {
        received.append(byte)
      }
      return String(decoding: received, as: UTF8.self)
    }
  }

  /// Everything up to the end of the connection; nil when the server does not end it.
  func receiveAll() async -> String? {
    await blocking { [descriptor] in
      var received: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return String(decoding: received, as: UTF8.self) }
        if count < 0 {
          return errno == ECONNRESET ? String(decoding: received, as: UTF8.self) : nil
        }
        received += chunk[..<count]
      }
    }
  }

  func closeSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends the connection with RST.
  func reset() {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    // Descriptor and number stay reserved until deinit; this ends only the connection.
    var address = sockaddr()
    address.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
  }
}

private func blocking<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
  await withUnsafeContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: work()) }
  }
}
