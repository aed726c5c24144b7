import Testing

@testable import agent_operator

@Suite struct ResidentCodeTests {
  @Test func onlyCodeFromFilesIsUnmapped() throws {
    let code = try #require(
      ResidentCode.codeRange("55c1a5df6000-55c1a73a2000 r-xp 00000000 fe:00 5310732   /bin/x y\n"))
    #expect(code.start == 0x55c1_a5df_6000 && code.end == 0x55c1_a73a_2000)
    for line in [
      "55c1a5df6000-55c1a73a2000 rwxp 00000000 fe:00 5310732   /bin/x",
      "55c1a5df6000-55c1a73a2000 r--p 00000000 fe:00 5310732   /bin/x",
      "55c1a5df6000-55c1a73a2000 r-xp 00000000 00:00 0   [vdso]",
      "55c1a5df6000-55c1a73a2000 r-xp 00000000 00:00 0", "x-y r-xp 0 0 0 /bin/x", "",
    ] {
      #expect(ResidentCode.codeRange(line) == nil)
    }
  }

  @Test func theProgramGoesOn() {
    ResidentCode.drop()
    #expect((0..<1000).reduce(0, +) == 499_500)
  }
}
