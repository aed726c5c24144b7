/// The difference of two texts as `diff -u` writes it.
enum UnifiedDiff {
  /// - Returns: the lines, without line ends; none when the texts are equal.
  static func lines(
    _ old: String, _ new: String, oldName: String, newName: String, context: Int = 3
  ) -> [String] {
    let changes = edits(split(old), split(new))
    guard changes.contains(where: { $0.kind != .same }) else { return [] }
    var lines = ["--- \(oldName)", "+++ \(newName)"]
    for hunk in hunks(changes, context) {
      lines += text(of: changes[hunk], before: changes[..<hunk.lowerBound])
    }
    return lines
  }

  private enum Kind: String {
    case same = " "
    case removed = "-"
    case added = "+"
  }

  private struct Edit {
    var kind: Kind
    var line: Substring
  }

  private static func split(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func edits(_ old: [Substring], _ new: [Substring]) -> [Edit] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var edits: [Edit] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, removed.contains(i) {
        edits.append(Edit(kind: .removed, line: old[i]))
        i += 1
      } else if j < new.count, added.contains(j) {
        edits.append(Edit(kind: .added, line: new[j]))
        j += 1
      } else {
        edits.append(Edit(kind: .same, line: old[i]))
        (i, j) = (i + 1, j + 1)
      }
    }
    return edits
  }

  /// Changes with the lines around them; those that touch become one.
  private static func hunks(_ edits: [Edit], _ context: Int) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for (i, edit) in edits.enumerated() where edit.kind != .same {
      let range = max(0, i - context)..<min(edits.count, i + context + 1)
      if let last = hunks.last, last.upperBound >= range.lowerBound {
        hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    return hunks
  }

  private static func text(of hunk: ArraySlice<Edit>, before: ArraySlice<Edit>) -> [String] {
    func place(_ side: Kind) -> String {
      let count = hunk.count { $0.kind == .same || $0.kind == side }
      let start = before.count { $0.kind == .same || $0.kind == side } + (count > 0 ? 1 : 0)
      return count == 1 ? "\(start)" : "\(start),\(count)"
    }
    return ["@@ -\(place(.removed)) +\(place(.added)) @@"]
      + hunk.map { "\($0.kind.rawValue)\($0.line)" }
  }
}
