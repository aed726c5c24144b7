import Glibc
import NIOCore

/// Why the server cannot start, or a body cannot be sent.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    case addressInUse
    /// Ports below 1024 need a privilege.
    case permissionDenied
    /// The address does not belong to this machine, or the name has none.
    case addressNotAvailable
    case cannotBind
    /// `start` was called twice, or after `stop`.
    case alreadyStarted
    case clientGone
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  init(binding host: String, _ port: Int, _ error: any Error) {
    let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
      self.init(.addressInUse, "cannot listen on \(address): the port is in use")
    case EACCES, EPERM:
      self.init(.permissionDenied, "cannot listen on \(address): not permitted")
    case EADDRNOTAVAIL:
      self.init(
        .addressNotAvailable, "cannot listen on \(address): not an address of this machine")
    case let code?:
      self.init(.cannotBind, "cannot listen on \(address): \(String(cString: strerror(code)))")
    case nil:
      self.init(
        error is SocketAddressError ? .addressNotAvailable : .cannotBind,
        "cannot listen on \(address): \(error)")
    }
  }
}
