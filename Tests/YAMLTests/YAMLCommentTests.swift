import Testing
import YAML

@Suite struct YAMLCommentTests {
  private func comments(_ text: String) -> [String] {
    YAML.comments(in: Array(text.utf8), file: "a.yaml").map {
      "\($0.position) \($0.isAlone ? "alone" : "behind") \($0.text)"
    }
  }

  @Test func whatIsAComment() {
    let text = """
      # first
      a: 1 # one
      b:   #two\u{20}
        - x	# after a tab
        -    # of nothing
      c: [1, # in flow
        2]
      "d": &anchor x # behind an anchor
      e: *anchor # behind an alias
      ? f # of a key
      : g
      --- # of a document
      h: é # after é
      #
      """
    #expect(
      comments(text) == [
        "1:1 alone first", "2:6 behind one", "3:6 behind two", "4:7 behind after a tab",
        "5:8 behind of nothing", "6:8 behind in flow", "8:16 behind behind an anchor",
        "9:12 behind behind an alias", "10:5 behind of a key", "12:5 behind of a document",
        "13:6 behind after é", "14:1 alone ",
      ])
  }

  @Test func whatIsNone() {
    let text = """
      a: x#y
      b: "x # y"
      c: 'x # y'
      d: "over # several
        # lines"
      e: |
        # in a block
        x # y
      f: >-  # of a block
        # folded

        x
      # after it
      g: http://a/#b
      h: plain
        over#lines
      """
    #expect(comments(text) == ["9:8 behind of a block", "13:1 alone after it"])
  }

  @Test func linesEndAsTheParserCountsThem() throws {
    for end in ["\n", "\r\n", "\r"] {
      let text = ["\u{FEFF}# a", "b: |", "  # c", "d: e # f"].joined(separator: end)
      #expect(comments(text) == ["1:1 alone a", "4:6 behind f"])
    }
  }

  @Test func atAnErrorTheyEnd() {
    #expect(comments("# a\nb: [\n# c\n}").first == "1:1 alone a")
    #expect(comments("") == [] && comments("a: 1") == [])
    #expect(comments("{\"a\": \"# b\"}") == [])
  }
}
