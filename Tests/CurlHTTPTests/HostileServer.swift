import Dispatch
import Foundation
import Glibc
import Synchronization

/// A server on a raw socket that answers each connection as its script says, on a thread each.
final class HostileServer: Sendable {
  let port: Int
  private let listener: Int32
  private let isStopped = Flag()

  var url: String { "http://127.0.0.1:\(port)/" }

  /// - Parameter script: gets the number of the connection, from 0, and the connection, which is
  ///   closed when the script returns.
  init(_ script: @escaping @Sendable (Int, Peer) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard listener >= 0 else { throw POSIXError(.EMFILE) }
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 256) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    port = Int(UInt16(bigEndian: address.sin_port))
    let isStopped = isStopped
    Thread.detachNewThread {
      var number = 0
      while true {
        let descriptor = accept(listener, nil, nil)
        if isStopped.isSet {
          if descriptor >= 0 { close(descriptor) }
          close(listener)
          return
        }
        if descriptor < 0 { continue }
        let connection = number
        number += 1
        Thread.detachNewThread {
          let peer = Peer(descriptor)
          script(connection, peer)
          peer.close()
        }
      }
    }
  }

  /// Ends accepting; the thread frees the socket.
  deinit {
    isStopped.set()
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}

/// The client's end of a connection, as the hostile server sees it.
final class Peer: Sendable {
  private let descriptor: Int32
  private let isClosed = Mutex(false)

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(4))
  }

  /// Reads up to the end of a request's header; nil when the client has gone.
  @discardableResult
  func readRequest() -> String? {
    var received: [UInt8] = []
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) == 1 {
      received.append(byte)
      if received.suffix(4) == [13, 10, 13, 10] {
        return String(decoding: received, as: UTF8.self)
      }
    }
    return nil
  }

  /// What has come, at least one byte; empty when the client has gone.
  func readSome() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = read(descriptor, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }

  func write(_ text: String) { write([UInt8](text.utf8)) }

  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Returns when the client has closed its end.
  func waitForClient() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }

  /// Carries bytes both ways between the client and a server on loopback until one of them ends.
  ///
  /// - Parameter first: bytes that the client has sent already.
  func forward(_ first: [UInt8], toPort port: Int) {
    let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    let server = Peer(other)
    defer { server.close() }
    guard isConnected else { return }
    server.write(first)
    let back = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while case let bytes = server.readSome(), !bytes.isEmpty { self.write(bytes) }
      shutdown(self.descriptor, Int32(SHUT_RDWR))
      back.signal()
    }
    while case let bytes = readSome(), !bytes.isEmpty { server.write(bytes) }
    shutdown(other, Int32(SHUT_RDWR))
    back.wait()
  }

  /// Ends the connection with RST instead of FIN.
  func reset() {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close()
  }

  func close() {
    let first = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    if first { Glibc.close(descriptor) }
  }
}

/// Sockets of this process that are connected to a port; other tests' descriptors do not count.
func openSockets(to port: Int) -> Int {
  let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  return descriptors.compactMap(Int32.init).filter { descriptor in
    var peer = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &peer) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getpeername(descriptor, $0, &length)
      }
    }
    return result == 0 && peer.sin_family == sa_family_t(AF_INET)
      && Int(UInt16(bigEndian: peer.sin_port)) == port
  }.count
}
