import JSON

/// The places of all values of a document, in document order: 20 bytes a value, no look-up tables.
///
/// Finding a value walks the tree and the entries side by side, skipping subtrees by their extent;
/// that is fast enough for error messages, the only use.
struct PositionMap: Sendable {
  struct Entry: Sendable {
    var line: UInt32
    var column: UInt32
    /// Of the member name; `noKey` for elements, `hiddenKey` for what is no member of its own (the
    /// value of a merge key).
    var keyLine: UInt32
    var keyColumn: UInt32
    /// Entries of the value's subtree, itself included; or, when negative, `-1 - i`: the value is
    /// the one at entry `i`.
    var extent: Int32
  }

  static let noKey: UInt32 = 0
  static let hiddenKey: UInt32 = .max

  var entries: [Entry] = []

  /// Appends an entry without children.
  mutating func append(_ mark: Mark, key: Mark) -> Int {
    entries.append(
      Entry(
        line: mark.line, column: mark.column, keyLine: key.line, keyColumn: key.column, extent: 1))
    return entries.count - 1
  }

  /// Makes everything appended since `entry` its subtree.
  mutating func close(_ entry: Int) { entries[entry].extent = Int32(entries.count - entry) }

  /// Makes `entry` stand for another one.
  mutating func link(_ entry: Int, to target: Int) { entries[entry].extent = Int32(-1 - target) }

  /// The entry that holds the children of `entry`.
  func resolved(_ entry: Int) -> Int {
    var entry = entry
    while entries[entry].extent < 0 { entry = -1 - Int(entries[entry].extent) }
    return entry
  }

  /// The entry of the member or element `ordinal` of the value at `entry`.
  func child(_ ordinal: Int, of entry: Int) -> Int? {
    var left = ordinal
    return children(of: entry) { _ in
      left -= 1
      return left < 0
    }
  }

  /// Passes the entries of the members or elements to `body` until it returns true for one.
  @discardableResult
  func children(of entry: Int, until body: (Int) -> Bool) -> Int? {
    let parent = resolved(entry)
    let end = parent + Int(entries[parent].extent)
    var next = parent + 1
    while next < end {
      if entries[next].keyLine != Self.hiddenKey, body(next) { return next }
      next += max(1, Int(entries[next].extent))
    }
    return nil
  }

  /// The place of the innermost value that exists on the way, and how many tokens led there.
  func find(_ tokens: [String], in root: JSONValue) -> (location: YAMLLocation, depth: Int) {
    guard !entries.isEmpty else {
      return (YAMLLocation(value: YAMLPosition(line: 1, column: 1), key: nil), 0)
    }
    var entry = 0
    var value = root
    var depth = 0
    for token in tokens {
      guard let (ordinal, member) = Self.member(token, of: value),
        let next = child(ordinal, of: entry)
      else { break }
      entry = next
      value = member
      depth += 1
    }
    return (location(entry), depth)
  }

  func location(_ entry: Int) -> YAMLLocation {
    let entry = entries[entry]
    let hasKey = entry.keyLine != Self.noKey && entry.keyLine != Self.hiddenKey
    return YAMLLocation(
      value: YAMLPosition(line: Int(entry.line), column: Int(entry.column)),
      key: hasKey ? YAMLPosition(line: Int(entry.keyLine), column: Int(entry.keyColumn)) : nil)
  }

  private static func member(_ token: String, of value: JSONValue) -> (Int, JSONValue)? {
    switch value {
    case .object(let object):
      guard let position = object.position(of: token), let member = object[token] else {
        return nil
      }
      return (position, member)
    case .array(let array):
      guard let index = Int(token), array.indices.contains(index) else { return nil }
      return (index, array[index])
    default: return nil
    }
  }
}

/// A place, counted from 1 like `YAMLPosition` but half as large.
struct Mark: Sendable, Hashable {
  var line: UInt32
  var column: UInt32

  static let noKey = Mark(line: PositionMap.noKey, column: 0)
  static let hiddenKey = Mark(line: PositionMap.hiddenKey, column: 0)

  var position: YAMLPosition { YAMLPosition(line: Int(line), column: Int(column)) }
}
