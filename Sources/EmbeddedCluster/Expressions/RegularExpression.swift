import Synchronization

/// A regular expression in RE2's syntax, as Go's `regexp` and so Kubernetes read it.
///
/// Matching takes time proportional to pattern times text, whatever the pattern: states run side by
/// side (https://swtch.com/~rsc/regexp/regexp2.html), there is no backtracking. Hence no
/// back-references and no look-around, which RE2 does not have either.
struct RegularExpression: Sendable {
  enum Instruction: Sendable {
    case set(RegularExpressionSet)
    /// Goes on at both; the first is preferred.
    case split(Int, Int)
    case jump(Int)
    case assertion(RegularExpressionNode.Assertion)
    case match
  }

  private(set) var program: [Instruction] = []
  static let programLimit = 20_000

  private static let cache = Mutex<[String: Result<RegularExpression, RegularExpressionError>]>([:])

  /// The compiled pattern, from a bounded cache.
  static func cached(_ pattern: String) throws(RegularExpressionError) -> RegularExpression {
    let known = cache.withLock { $0[pattern] }
    if let known { return try known.get() }
    let result: Result<RegularExpression, RegularExpressionError>
    do { result = .success(try RegularExpression(pattern)) } catch { result = .failure(error) }
    cache.withLock { cache in
      if cache.count >= 1000 { cache.removeAll() }
      cache[pattern] = result
    }
    return try result.get()
  }

  /// Why Go would refuse the pattern; nil also for one that Go can match and this cannot.
  static func fault(of pattern: String) -> String? {
    do {
      _ = try cached(pattern)
      return nil
    } catch {
      return error.isUnsupported ? nil : error.message
    }
  }

  init(_ pattern: String) throws(RegularExpressionError) {
    var parser = RegularExpressionParser(pattern)
    let node = try parser.parse()
    if let script = parser.script { throw RegularExpressionError(unsupported: script) }
    try emit(node)
    program.append(.match)
  }

  // MARK: Compiling

  private mutating func append(_ instruction: Instruction) throws(RegularExpressionError) {
    guard program.count < Self.programLimit else {
      throw RegularExpressionError("expression too large")
    }
    program.append(instruction)
  }

  private mutating func emit(_ node: RegularExpressionNode) throws(RegularExpressionError) {
    switch node {
    case .empty: break
    case .set(let set): try append(.set(set))
    case .assertion(let assertion): try append(.assertion(assertion))
    case .sequence(let nodes): for node in nodes { try emit(node) }
    case .choice(let nodes):
      var ends: [Int] = []
      for (i, node) in nodes.enumerated() {
        guard i < nodes.count - 1 else {
          try emit(node)
          break
        }
        let split = program.count
        try append(.split(split + 1, 0))
        try emit(node)
        ends.append(program.count)
        try append(.jump(0))
        program[split] = .split(split + 1, program.count)
      }
      for end in ends { program[end] = .jump(program.count) }
    case .repetition(let node, let least, let most, let isGreedy):
      for _ in 0..<least { try emit(node) }
      if let most {
        var splits: [Int] = []
        for _ in 0..<max(0, most - least) {
          splits.append(program.count)
          try append(.jump(0))
          try emit(node)
        }
        for split in splits {
          program[split] = Self.split(split + 1, program.count, isGreedy)
        }
      } else {
        let split = program.count
        try append(.jump(0))
        try emit(node)
        try append(.jump(split))
        program[split] = Self.split(split + 1, program.count, isGreedy)
      }
    }
  }

  private static func split(_ body: Int, _ end: Int, _ isGreedy: Bool) -> Instruction {
    isGreedy ? .split(body, end) : .split(end, body)
  }
}

/// Why a pattern cannot be used; the text is Go's.
struct RegularExpressionError: Error, Sendable, Hashable {
  var message: String
  /// It is the pattern's syntax, but not one that can be matched here.
  var isUnsupported = false

  init(_ message: String) { self.message = "error parsing regexp: \(message)" }

  init(unsupported script: String) {
    message = "the simulated cluster cannot tell which characters are \(script)"
    isUnsupported = true
  }
}

indirect enum RegularExpressionNode: Sendable {
  enum Assertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary
  }

  case empty
  case set(RegularExpressionSet)
  case assertion(Assertion)
  case sequence([RegularExpressionNode])
  case choice([RegularExpressionNode])
  case repetition(RegularExpressionNode, least: Int, most: Int?, isGreedy: Bool)
}

/// The characters that one step of a match may take.
struct RegularExpressionSet: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  /// General categories by their first letters, `L` or `Lu`; and those that must not be.
  var categories: [(name: String, isNegated: Bool)] = []
  var isNegated = false
  var ignoresCase = false

  init(_ ranges: ClosedRange<UInt32>...) { self.ranges = ranges }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    var found = has(scalar)
    if !found, ignoresCase {
      let properties = scalar.properties
      for other in [properties.lowercaseMapping, properties.uppercaseMapping] {
        if let folded = other.unicodeScalars.first, other.unicodeScalars.count == 1,
          folded != scalar, has(folded)
        {
          found = true
        }
      }
    }
    return found != isNegated
  }

  private func has(_ scalar: Unicode.Scalar) -> Bool {
    if ranges.contains(where: { $0.contains(scalar.value) }) { return true }
    guard !categories.isEmpty else { return false }
    let own = scalar.properties.generalCategory.abbreviation
    return categories.contains { own.hasPrefix($0.name) != $0.isNegated }
  }

  mutating func formUnion(_ other: RegularExpressionSet) {
    if other.isNegated {
      ranges.append(contentsOf: Self.complement(other.ranges))
    } else {
      ranges.append(contentsOf: other.ranges)
    }
    categories.append(contentsOf: other.categories)
  }

  private static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }

  static let digit = RegularExpressionSet(0x30...0x39)
  static let word = RegularExpressionSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A)
  static let space = RegularExpressionSet(0x09...0x0A, 0x0C...0x0D, 0x20...0x20)

  var negated: RegularExpressionSet {
    var set = self
    set.isNegated.toggle()
    return set
  }

  /// `[[:alpha:]]`
  static func posix(_ name: String) -> RegularExpressionSet? {
    switch name {
    case "alnum": RegularExpressionSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A)
    case "alpha": RegularExpressionSet(0x41...0x5A, 0x61...0x7A)
    case "ascii": RegularExpressionSet(0...0x7F)
    case "blank": RegularExpressionSet(0x09...0x09, 0x20...0x20)
    case "cntrl": RegularExpressionSet(0...0x1F, 0x7F...0x7F)
    case "digit": digit
    case "graph": RegularExpressionSet(0x21...0x7E)
    case "lower": RegularExpressionSet(0x61...0x7A)
    case "print": RegularExpressionSet(0x20...0x7E)
    case "punct":
      RegularExpressionSet(0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E)
    case "space": RegularExpressionSet(0x09...0x0D, 0x20...0x20)
    case "upper": RegularExpressionSet(0x41...0x5A)
    case "word": word
    case "xdigit": RegularExpressionSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
    default: nil
    }
  }
}

extension Unicode.GeneralCategory {
  fileprivate var abbreviation: String {
    switch self {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    case .unassigned: "Cn"
    @unknown default: "Cn"
    }
  }
}
