/// A regular expression that both the API server (RE2) and this library understand alike.
///
/// A subset of RE2: literals, escapes, classes, groups, alternation, `* + ? {n} {n,} {n,m}`; always
/// anchored at both ends. Matching takes time linear in the text, whatever the pattern: it follows
/// all alternatives at once (https://swtch.com/~rsc/regexp/regexp1.html).
public struct Pattern: Sendable, Hashable {
  /// As the CRD has it, with `^` and `$`.
  public let text: String
  /// What matches it, in words that follow "must be": `a path such as /health`.
  public let meaning: String
  private let program: [Instruction]

  private enum Instruction: Sendable, Hashable {
    case scalar(ScalarClass)
    case split(Int, Int)
    case jump(Int)
    case match
  }

  /// Traps on a malformed pattern: patterns stand in the source.
  public init(_ text: String, _ meaning: String) {
    precondition(text.hasPrefix("^") && text.hasSuffix("$"), "a pattern must be anchored: \(text)")
    self.text = text
    self.meaning = meaning
    var parser = PatternParser(Array(text.unicodeScalars.dropFirst().dropLast()))
    var program: [Instruction] = []
    Self.compile(parser.parse(), into: &program)
    program.append(.match)
    self.program = program
  }

  /// Whether the whole text matches.
  public func matches(_ text: String) -> Bool {
    var current = ThreadSet(count: program.count)
    var next = ThreadSet(count: program.count)
    follow(0, into: &current)
    for scalar in text.unicodeScalars {
      next.removeAll()
      for position in current.positions {
        if case .scalar(let set) = program[position], set.contains(scalar) {
          follow(position + 1, into: &next)
        }
      }
      if next.positions.isEmpty { return false }
      swap(&current, &next)
    }
    return current.positions.contains(program.count - 1)
  }

  private func follow(_ position: Int, into set: inout ThreadSet) {
    guard set.insert(position) else { return }
    switch program[position] {
    case .split(let first, let second):
      follow(first, into: &set)
      follow(second, into: &set)
    case .jump(let target): follow(target, into: &set)
    case .scalar, .match: break
    }
  }

  private static func compile(_ node: PatternNode, into program: inout [Instruction]) {
    switch node {
    case .set(let set): program.append(.scalar(set))
    case .sequence(let nodes): for node in nodes { compile(node, into: &program) }
    case .alternatives(let nodes):
      var exits: [Int] = []
      for (i, node) in nodes.enumerated() {
        guard i < nodes.count - 1 else {
          compile(node, into: &program)
          break
        }
        let split = program.count
        program.append(.match)
        compile(node, into: &program)
        exits.append(program.count)
        program.append(.match)
        program[split] = .split(split + 1, program.count)
      }
      for exit in exits { program[exit] = .jump(program.count) }
    case .repetition(let node, let least, let most):
      for _ in 0..<least { compile(node, into: &program) }
      guard let most else {
        let split = program.count
        program.append(.match)
        compile(node, into: &program)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
        return
      }
      var splits: [Int] = []
      for _ in least..<max(least, most) {
        splits.append(program.count)
        program.append(.match)
        compile(node, into: &program)
      }
      for split in splits { program[split] = .split(split + 1, program.count) }
    }
  }

  private struct ThreadSet {
    var positions: [Int] = []
    var isMember: [Bool]

    init(count: Int) { isMember = Array(repeating: false, count: count) }

    mutating func insert(_ position: Int) -> Bool {
      if isMember[position] { return false }
      isMember[position] = true
      positions.append(position)
      return true
    }

    mutating func removeAll() {
      for position in positions { isMember[position] = false }
      positions.removeAll(keepingCapacity: true)
    }
  }
}

/// The scalars that one position of a pattern accepts.
struct ScalarClass: Sendable, Hashable {
  var ranges: [ClosedRange<Unicode.Scalar>]
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar) } != isNegated
  }
}

indirect enum PatternNode {
  case set(ScalarClass)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  case repetition(PatternNode, least: Int, most: Int?)
}

/// Patterns stand in the source, so a malformed one is a programmer's error.
struct PatternParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

  mutating func parse() -> PatternNode {
    let node = alternatives()
    precondition(position == scalars.count, "unbalanced ) in a pattern")
    return node
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take() -> Unicode.Scalar {
    precondition(position < scalars.count, "a pattern ends too early")
    defer { position += 1 }
    return scalars[position]
  }

  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() -> PatternNode {
    var branches = [sequence()]
    while skip("|") { branches.append(sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" { nodes.append(repeated(atom())) }
    return .sequence(nodes)
  }

  private mutating func repeated(_ node: PatternNode) -> PatternNode {
    if skip("*") { return .repetition(node, least: 0, most: nil) }
    if skip("+") { return .repetition(node, least: 1, most: nil) }
    if skip("?") { return .repetition(node, least: 0, most: 1) }
    guard skip("{") else { return node }
    let least = number()
    var most: Int? = least
    if skip(",") { most = next == "}" ? nil : number() }
    precondition(skip("}"), "a pattern's { has no }")
    return .repetition(node, least: least, most: most)
  }

  private mutating func number() -> Int {
    var value = 0
    while let digit = next, ("0"..."9").contains(digit) {
      value = value * 10 + Int(take().value - 0x30)
    }
    return value
  }

  private mutating func atom() -> PatternNode {
    switch take() {
    case "(":
      let node = alternatives()
      precondition(skip(")"), "a pattern's ( has no )")
      return node
    case "[": return .set(scalarClass())
    case ".": return .set(ScalarClass(ranges: ["\n"..."\n"], isNegated: true))
    case "\\":
      let scalar = take()
      return .set(ScalarClass(ranges: [scalar...scalar]))
    case let scalar: return .set(ScalarClass(ranges: [scalar...scalar]))
    }
  }

  private mutating func scalarClass() -> ScalarClass {
    var set = ScalarClass(ranges: [], isNegated: skip("^"))
    while !skip("]") {
      let first = skip("\\") ? take() : take()
      // A dash before the end stands for itself.
      if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
        position += 1
        set.ranges.append(first...(skip("\\") ? take() : take()))
      } else {
        set.ranges.append(first...first)
      }
    }
    return set
  }
}
