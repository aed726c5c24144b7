import CCurl
import Glibc

/// What the owner thread sleeps on: the sockets of both multi handles and a descriptor that wakes it.
///
/// Sockets are told to the kernel once and stay known while their connections are idle: libcurl
/// starts and ends watching a connection's socket with each call, which would be two system calls
/// more for each. Confined to the owner thread, but for `wake`.
final class SocketPoll {
  /// Something happened at a socket.
  struct Event {
    var lane: Int
    var socket: Int32
    /// `CURL_CSELECT_IN` and so on.
    var readiness: Int32
  }

  private struct Entry {
    var isConnection = false
    /// What the kernel waits for; nil when it does not know the socket.
    var registered: UInt32?
    var wanted: UInt32 = 0
    /// Tells a socket from a former one of the same number.
    var generation: UInt32 = 0
    var lane = 0
  }

  private let poll: Int32
  private let alarm: Int32
  /// By descriptor.
  private var entries: [Entry] = []
  private let buffer: UnsafeMutablePointer<ccurl_event>
  private var count = 0
  private static let batch = 64

  init?() {
    poll = ccurl_epoll_create()
    alarm = ccurl_eventfd()
    buffer = .allocate(capacity: Self.batch)
    guard poll >= 0, alarm >= 0, ccurl_epoll_set(poll, alarm, EPOLLIN.rawValue, .max) == 0 else {
      return nil
    }
  }

  deinit {
    if poll >= 0 { close(poll) }
    if alarm >= 0 { close(alarm) }
    buffer.deallocate()
  }

  var alarmDescriptor: Int32 { alarm }

  /// Ends the wait that is under way, or else the next one. From any thread, while the poll lives.
  static func wake(_ alarm: Int32) {
    var one: UInt64 = 1
    write(alarm, &one, 8)
  }

  /// Returns when something happened, the time is over, or somebody called `wake`.
  func wait(milliseconds: Int32) {
    count = max(0, Int(ccurl_epoll_wait(poll, buffer, Int32(Self.batch), milliseconds)))
  }

  /// What ended the last wait.
  func forEachEvent(_ body: (Event) -> Void) {
    for i in 0..<count {
      let data = ccurl_event_data(buffer + i)
      if data == .max {
        var value: UInt64 = 0
        read(alarm, &value, 8)
        continue
      }
      let socket = Int32(truncatingIfNeeded: data & 0xFFFF_FFFF)
      // Gone, perhaps by what an event before this one did.
      guard entries.indices.contains(Int(socket)),
        entries[Int(socket)].generation == UInt32(truncatingIfNeeded: data >> 32)
      else { continue }
      if entries[Int(socket)].wanted == 0 {
        // An idle connection that its server closes; libcurl notices when it wants to use it.
        forget(socket)
        continue
      }
      body(
        Event(
          lane: entries[Int(socket)].lane, socket: socket,
          readiness: Self.readiness(ccurl_event_mask(buffer + i))))
    }
    count = 0
  }

  private static func readiness(_ mask: UInt32) -> Int32 {
    var readiness: Int32 = 0
    if mask & EPOLLIN.rawValue != 0 { readiness |= CURL_CSELECT_IN }
    if mask & EPOLLOUT.rawValue != 0 { readiness |= CURL_CSELECT_OUT }
    if mask & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness |= CURL_CSELECT_ERR }
    return readiness
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> SocketPoll? {
    context.map { Unmanaged<SocketPoll>.fromOpaque($0).takeUnretainedValue() }
  }

  // MARK: What libcurl's callbacks tell

  /// - Parameter what: `CURL_POLL_IN` and so on.
  func watch(_ socket: Int32, _ what: Int32, lane: Int) {
    guard socket >= 0 else { return }
    grow(to: socket)
    let i = Int(socket)
    var events: UInt32 = 0
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events |= EPOLLIN.rawValue }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events |= EPOLLOUT.rawValue }
    entries[i].wanted = events
    entries[i].lane = lane
    if events == 0 {
      // Others, such as those of the name resolver, are closed without our being told.
      if !entries[i].isConnection { forget(socket) }
      return
    }
    guard entries[i].registered != events else { return }
    let data = UInt64(entries[i].generation) << 32 | UInt64(UInt32(bitPattern: socket))
    entries[i].registered = ccurl_epoll_set(poll, socket, events, data) == 0 ? events : nil
  }

  /// A new socket for a connection, which `closed` will follow.
  func opened(_ socket: Int32) {
    guard socket >= 0 else { return }
    renew(socket)
    entries[Int(socket)].isConnection = true
  }

  /// To be called before it is closed.
  func closed(_ socket: Int32) {
    guard socket >= 0 else { return }
    forget(socket)
    renew(socket)
  }

  private func renew(_ socket: Int32) {
    grow(to: socket)
    entries[Int(socket)] = Entry(generation: (entries[Int(socket)].generation &+ 1) & 0x7FFF_FFFF)
  }

  private func forget(_ socket: Int32) {
    grow(to: socket)
    guard entries[Int(socket)].registered != nil else { return }
    ccurl_epoll_remove(poll, socket)
    entries[Int(socket)].registered = nil
  }

  private func grow(to socket: Int32) {
    while entries.count <= Int(socket) { entries.append(Entry()) }
  }
}
