/// An ordered map from member names to values.
///
/// Keeps insertion order, so what was read is written in the same order; equality ignores order,
/// as RFC 8259 section 4 says of objects. Names are the same when their bytes are. Small objects are
/// searched linearly, which is faster than hashing; from 24 members on an index keeps look-ups
/// constant time.
public struct JSONObject: Sendable {
  public typealias Element = (key: String, value: JSONValue)

  @usableFromInline var entries: ContiguousArray<Element>
  /// Boxed so that small objects pay one pointer for it.
  @usableFromInline var index: Index?

  @usableFromInline final class Index: @unchecked Sendable {
    /// Changed only while uniquely referenced, under the exclusive access of a mutating method.
    @usableFromInline var positions: [MemberName: Int]
    init(_ positions: [MemberName: Int]) { self.positions = positions }
  }

  @usableFromInline static let indexThreshold = 24

  public init() {
    entries = []
    index = nil
  }

  public init(minimumCapacity: Int) {
    entries = []
    entries.reserveCapacity(minimumCapacity)
    index = nil
  }

  /// Later values win over earlier ones of the same name.
  public init(_ elements: some Sequence<Element>) {
    self.init(minimumCapacity: elements.underestimatedCount)
    for (key, value) in elements { self[key] = value }
  }

  /// Takes entries whose names are known to be distinct.
  init(uniqueEntries: ContiguousArray<Element>) {
    entries = uniqueEntries
    index = nil
    buildIndexIfLarge()
  }

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }
  public var keys: [String] { entries.map(\.key) }
  public var values: [JSONValue] { entries.map(\.value) }

  public func position(of key: String) -> Int? {
    if let index { return index.positions[MemberName(key)] }
    // By hand: a closure over the pairs would retain every value that it passes.
    return entries.withUnsafeBufferPointer { entries in
      for i in entries.indices where MemberName.isSame(entries[i].key, key) { return i }
      return nil
    }
  }

  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { entries[$0].value } }
    set {
      guard let newValue else {
        removeValue(forKey: key)
        return
      }
      if let position = position(of: key) {
        entries[position].value = newValue
      } else {
        entries.append((key, newValue))
        if index != nil || entries.count > Self.indexThreshold { appendToIndex(key) }
      }
    }
    _modify {
      var value: JSONValue?
      let found = position(of: key)
      if let found {
        value = entries[found].value
        // Keeps the nested storage uniquely referenced while it changes.
        entries[found].value = .null
      }
      defer {
        if let found, let value { entries[found].value = value } else { self[key] = value }
      }
      yield &value
    }
  }

  @discardableResult
  public mutating func removeValue(forKey key: String) -> JSONValue? {
    guard let position = position(of: key) else { return nil }
    let removed = entries.remove(at: position)
    index = nil
    buildIndexIfLarge()
    return removed.value
  }

  public mutating func removeAll(where shouldRemove: (Element) throws -> Bool) rethrows {
    try entries.removeAll(where: shouldRemove)
    index = nil
    buildIndexIfLarge()
  }

  public func mapValues(_ transform: (JSONValue) throws -> JSONValue) rethrows -> JSONObject {
    var copy = self
    for i in copy.entries.indices { copy.entries[i].value = try transform(copy.entries[i].value) }
    return copy
  }

  /// The members by name, in the order of their UTF-8 bytes.
  public func sortedByKey() -> [Element] {
    withSortedPositions { positions in positions.map { entries[$0] } }
  }

  /// The positions of the members in the order of their names' UTF-8 bytes.
  func withSortedPositions<Result>(_ body: (UnsafeMutableBufferPointer<Int>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: entries.count) { positions in
      _ = positions.initialize(from: entries.indices)
      entries.withUnsafeBufferPointer { entries in
        if entries.count > Self.indexThreshold {
          var positions = positions
          positions.sort { Self.precedes(entries[$0].key, entries[$1].key) }
        } else {
          Self.insertionSort(positions, entries)
        }
      }
      return body(positions)
    }
  }

  /// Most objects are small, and many are nearly sorted.
  private static func insertionSort(
    _ positions: UnsafeMutableBufferPointer<Int>, _ entries: UnsafeBufferPointer<Element>
  ) {
    for end in positions.indices.dropFirst() {
      let moving = positions[end]
      var hole = end
      while hole > 0, precedes(entries[moving].key, entries[positions[hole - 1]].key) {
        positions[hole] = positions[hole - 1]
        hole -= 1
      }
      positions[hole] = moving
    }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool {
    let fast = a.utf8.withContiguousStorageIfAvailable { a in
      b.utf8.withContiguousStorageIfAvailable { b in
        for i in 0..<Swift.min(a.count, b.count) where a[i] != b[i] { return a[i] < b[i] }
        return a.count < b.count
      }
    }
    return (fast ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// Appends a member; false, and no change, when the name is there already.
  public mutating func appendUnlessPresent(_ key: String, _ value: JSONValue) -> Bool {
    if position(of: key) != nil { return false }
    entries.append((key, value))
    if index != nil || entries.count > Self.indexThreshold { appendToIndex(key) }
    return true
  }

  private mutating func buildIndexIfLarge() {
    guard entries.count > Self.indexThreshold else { return }
    var positions: [MemberName: Int] = [:]
    positions.reserveCapacity(entries.count)
    for (i, entry) in entries.enumerated() { positions[MemberName(entry.key)] = i }
    index = Index(positions)
  }

  private mutating func appendToIndex(_ key: String) {
    guard index != nil else {
      buildIndexIfLarge()
      return
    }
    if !isKnownUniquelyReferenced(&index) { index = index.map { Index($0.positions) } }
    index?.positions[MemberName(key)] = entries.count - 1
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> ContiguousArray<Element>.Iterator { entries.makeIterator() }
  public var underestimatedCount: Int { entries.count }
}

extension JSONObject: Hashable {
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    guard a.count == b.count else { return false }
    for (i, entry) in a.entries.enumerated() {
      // Same order is the common case.
      let other =
        MemberName.isSame(b.entries[i].key, entry.key) ? b.entries[i].value : b[entry.key]
      guard let other, other == entry.value else { return false }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    // Order must not matter, so the members' hashes are summed.
    var sum = 0
    for entry in entries {
      var member = Hasher()
      member.combine(entry.key)
      member.combine(entry.value)
      sum &+= member.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(minimumCapacity: elements.count)
    for (key, value) in elements { self[key] = value }
  }
}
