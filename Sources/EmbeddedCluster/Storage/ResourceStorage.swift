import DequeModule

/// One change of one resource: created (`old` is nil), replaced, or removed (`new` is nil).
struct StoredChange: Sendable {
  let version: UInt64
  let old: StoredObject?
  let new: StoredObject?
}

/// The objects of one resource in their order, and the changes that led there.
struct ResourceStorage {
  /// Sorted by `path`.
  private(set) var objects: [StoredObject] = []
  private(set) var history: Deque<StoredChange> = []
  /// Changes up to this version are no longer, or were never, known.
  private(set) var forgotten: UInt64
  /// Nothing can be stored any more: the definition of the resource went.
  var isClosed = false
  var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  private let historyLimit: Int

  init(since version: UInt64, historyLimit: Int) {
    forgotten = version
    self.historyLimit = historyLimit
  }

  /// Where the path is, or where it would have to be put.
  private func position(of path: String) -> (index: Int, exists: Bool) {
    var low = 0
    var high = objects.count
    while low < high {
      let middle = (low + high) / 2
      if objects[middle].path < path { low = middle + 1 } else { high = middle }
    }
    return (low, low < objects.count && objects[low].path == path)
  }

  subscript(path: String) -> StoredObject? {
    let (index, exists) = position(of: path)
    return exists ? objects[index] : nil
  }

  mutating func record(_ change: StoredChange, path: String) {
    let (index, exists) = position(of: path)
    switch (change.new, exists) {
    case (let new?, true): objects[index] = new
    case (let new?, false): objects.insert(new, at: index)
    case (nil, true): objects.remove(at: index)
    case (nil, false): break
    }
    history.append(change)
    while history.count > historyLimit, let first = history.popFirst() {
      forgotten = first.version
    }
  }

  /// Puts other content in the place of the same versions, as a changed schema shows old objects.
  mutating func replaceObjects(_ transform: (StoredObject) -> StoredObject) {
    objects = objects.map(transform)
  }

  mutating func forgetHistory(upTo version: UInt64) {
    while let first = history.first, first.version <= version { history.removeFirst() }
    forgotten = max(forgotten, version)
  }

  /// The changes after a version, oldest first; nil when some of them are forgotten.
  func changes(after version: UInt64, limit: Int) -> [StoredChange]? {
    guard version >= forgotten else { return nil }
    var low = 0
    var high = history.count
    while low < high {
      let middle = (low + high) / 2
      if history[middle].version <= version { low = middle + 1 } else { high = middle }
    }
    return Array(history[low..<min(history.count, low + limit)])
  }

  /// The objects as they were at a version; nil when that is forgotten.
  func objects(at version: UInt64) -> [StoredObject]? {
    guard version >= forgotten else { return nil }
    guard let last = history.last, last.version > version else { return objects }
    var past = self
    for change in history.reversed() {
      guard change.version > version else { break }
      let path = (change.new ?? change.old)?.path ?? ""
      let (index, exists) = past.position(of: path)
      switch (change.old, exists) {
      case (let old?, true): past.objects[index] = old
      case (let old?, false): past.objects.insert(old, at: index)
      case (nil, true): past.objects.remove(at: index)
      case (nil, false): break
      }
    }
    return past.objects
  }

  mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
    defer { waiters.removeAll() }
    return Array(waiters.values)
  }
}
