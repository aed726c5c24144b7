import Testing

@testable import agent_operator

@Suite struct ResidentCodeTests {
  @Test(arguments: ["r-xp", "r--p"])
  func codeAndConstantsAreUnmapped(permissions: String) {
    let ranges = ranges([
      "55c1a5df6000-55c1a73a2000 \(permissions) 00000000 fe:00 5310732   /bin/x y",
      "Size:              16432 kB", "Rss:                 280 kB", "Anonymous:             0 kB",
      "VmFlags: rd ex mr mw me",
    ])
    #expect(ranges == [0x55c1_a5df_6000..<0x55c1_a73a_2000])
  }

  @Test(arguments: [
    "55c1a5df6000-55c1a73a2000 rwxp 00000000 fe:00 5310732   /bin/x",
    "55c1a5df6000-55c1a73a2000 rw-p 00000000 fe:00 5310732   /bin/x",
    "55c1a5df6000-55c1a73a2000 r-xp 00000000 00:00 0   [vdso]",
    "55c1a5df6000-55c1a73a2000 r-xp 00000000 00:00 0", "x-y r-xp 0 0 0 /bin/x",
    "55c1a73a2000-55c1a5df6000 r-xp 00000000 fe:00 5310732   /bin/x", "",
  ])
  func nothingElseIs(line: String) {
    #expect(ranges([line, "Anonymous:             0 kB"]) == [])
  }

  @Test func norWhatWasRelocated() {
    let ranges = ranges([
      "55c1a5df6000-55c1a73a2000 r--p 00000000 fe:00 5310732   /bin/x",
      "Anonymous:           392 kB",
      "55c1a73a2000-55c1a73a4000 rw-p 00000000 fe:00 5310732   /bin/x",
      "Anonymous:             0 kB",
    ])
    #expect(ranges == [])
  }

  private func ranges(_ lines: [String]) -> [Range<UInt>] {
    var ranges = ResidentCode.Ranges()
    for line in lines { ranges.read(ArraySlice((line + "\n").utf8)) }
    return ranges.unchanged
  }

  @Test func theProgramGoesOn() {
    ResidentCode.drop()
    #expect((0..<1000).reduce(0, +) == 499_500)
  }
}
