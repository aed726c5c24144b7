extension RegularExpression {
  /// Whether the pattern matches somewhere in the text.
  func matches(_ text: String) -> Bool {
    firstMatch(in: Array(text.unicodeScalars), from: 0, needsSpan: false) != nil
  }

  /// The leftmost match, by preference of the alternatives as Perl would find it.
  ///
  /// - Returns: its place in `text`, as indices of scalars; any match's when no span is needed.
  func firstMatch(
    in text: [Unicode.Scalar], from start: Int, needsSpan: Bool = true
  ) -> Range<Int>? {
    var current = Threads(capacity: program.count)
    var next = Threads(capacity: program.count)
    var found: Range<Int>?
    var position = start
    while true {
      if found == nil { add(0, start: position, to: &current, text, position) }
      if current.list.isEmpty, found != nil { return found }
      next.removeAll()
      threads: for thread in current.list {
        switch program[thread.instruction] {
        case .match:
          found = thread.start..<position
          // What is less preferred is dropped.
          if !needsSpan { return found }
          break threads
        case .set(let set):
          if position < text.count, set.contains(text[position]) {
            add(thread.instruction + 1, start: thread.start, to: &next, text, position + 1)
          }
        case .split, .jump, .assertion: break
        }
      }
      swap(&current, &next)
      guard position < text.count else { return found }
      position += 1
    }
  }

  private struct Threads {
    var list: [(instruction: Int, start: Int)] = []
    /// The step at which an instruction was last added.
    private var marks: [Int]
    private var step = 1

    init(capacity: Int) { marks = Array(repeating: 0, count: capacity) }

    mutating func removeAll() {
      list.removeAll(keepingCapacity: true)
      step += 1
    }

    mutating func insert(_ instruction: Int) -> Bool {
      guard marks[instruction] != step else { return false }
      marks[instruction] = step
      return true
    }
  }

  /// Follows everything that takes no character, in order of preference.
  private func add(
    _ instruction: Int, start: Int, to threads: inout Threads, _ text: [Unicode.Scalar],
    _ position: Int
  ) {
    var stack = [instruction]
    while let instruction = stack.popLast() {
      guard threads.insert(instruction) else { continue }
      switch program[instruction] {
      case .jump(let target): stack.append(target)
      case .split(let first, let second):
        stack.append(second)
        stack.append(first)
      case .assertion(let assertion):
        if Self.holds(assertion, text, position) { stack.append(instruction + 1) }
      case .set, .match: threads.list.append((instruction, start))
      }
    }
  }

  private static func holds(
    _ assertion: RegularExpressionNode.Assertion, _ text: [Unicode.Scalar], _ position: Int
  ) -> Bool {
    switch assertion {
    case .textStart: return position == 0
    case .textEnd: return position == text.count
    case .lineStart: return position == 0 || text[position - 1] == "\n"
    case .lineEnd: return position == text.count || text[position] == "\n"
    case .wordBoundary, .notWordBoundary:
      let before = position > 0 && RegularExpressionSet.word.contains(text[position - 1])
      let after = position < text.count && RegularExpressionSet.word.contains(text[position])
      return (before != after) == (assertion == .wordBoundary)
    }
  }
}
